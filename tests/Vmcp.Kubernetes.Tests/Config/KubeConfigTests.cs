using System.Text;
using Vmcp.Kubernetes.Config;

namespace Vmcp.Kubernetes.Tests.Config;

public sealed class KubeConfigTests : IDisposable
{
    private const string Plain = """
        apiVersion: v1
        kind: Config
        current-context: dev
        clusters:
        - name: near
          cluster: {server: "https://near.example:6443/base"}
        - name: far
          cluster: {server: "https://far.example", insecure-skip-tls-verify: true, tls-server-name: api.internal}
        users:
        - name: me
          user: {token: hush-token}
        contexts:
        - name: dev
          context: {cluster: near, user: me, namespace: team-a}
        - name: prod
          context: {cluster: far, user: me}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("vmcp-kubeconfig-").FullName;
    private readonly Dictionary<string, string> _variables = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_current_context_of_the_file_given_counts()
    {
        KubeConfig config = KubeConfig.Load(Write("config", Plain), environment: Surroundings());

        config.Server.ShouldBe(new Uri("https://near.example:6443/base"));
        config.Namespace.ShouldBe("team-a");
        config.Token!.Current().ShouldBe("hush-token");
        config.SkipTlsVerify.ShouldBeFalse();
        config.ToString().ShouldNotContain("hush-token");
    }

    [Fact]
    public void Another_context_can_be_asked_for()
    {
        KubeConfig config = KubeConfig.Load(Write("config", Plain), "prod", Surroundings());

        config.Server.ShouldBe(new Uri("https://far.example"));
        config.SkipTlsVerify.ShouldBeTrue();
        config.TlsServerName.ShouldBe("api.internal");
        config.Namespace.ShouldBeNull();
    }

    [Fact]
    public void The_file_given_comes_before_the_variable_the_pod_and_the_home()
    {
        Write(".kube/config", Plain.Replace("near.example", "home.example"));
        KubeConfig.Load(environment: Surroundings()).Server.Host.ShouldBe("home.example");

        Write("pod/token", "pod-token");
        Write("pod/ca.crt", SelfSigned());
        _variables["KUBERNETES_SERVICE_HOST"] = "fd00::1";
        _variables["KUBERNETES_SERVICE_PORT"] = "6443";
        KubeConfig.Load(environment: Surroundings()).Server.ShouldBe(new Uri("https://[fd00::1]:6443/"));

        _variables["KUBECONFIG"] = Write("variable", Plain.Replace("near.example", "variable.example"));
        KubeConfig.Load(environment: Surroundings()).Server.Host.ShouldBe("variable.example");

        KubeConfig.Load(Write("given", Plain), environment: Surroundings()).Server.Host.ShouldBe("near.example");
    }

    [Fact]
    public void Of_several_files_the_first_to_name_an_entry_counts_and_missing_ones_are_passed_over()
    {
        string first = Write("first", """
            current-context: prod
            users: [{name: me, user: {token: first-token}}]
            """);
        _variables["KUBECONFIG"] = string.Join(Path.PathSeparator, Path.Combine(_folder, "none"), first, Write("second", Plain));

        KubeConfig config = KubeConfig.Load(environment: Surroundings());

        config.Server.Host.ShouldBe("far.example");
        config.Token!.Current().ShouldBe("first-token");
    }

    [Fact]
    public void A_path_is_relative_to_the_file_that_names_it_and_a_token_file_comes_before_a_token()
    {
        Write("sub/secrets/token", "from-file\n");
        string path = Write("sub/config", Plain.Replace("token: hush-token", "token: hush-token, tokenFile: secrets/token"));

        KubeConfig.Load(path, environment: Surroundings()).Token!.Current().ShouldBe("from-file");
    }

    [Theory]
    [InlineData("current-context: dev", "current-context: gone", "there is no context \"gone\" in contexts; found: dev, prod")]
    [InlineData("current-context: dev", "x: y", "current-context is not set")]
    [InlineData("cluster: near", "cluster: nowhere", "there is no cluster \"nowhere\" in clusters; found: near, far")]
    [InlineData("user: me, namespace", "user: you, namespace", "there is no user \"you\" in users; found: me")]
    [InlineData("server: \"https://near.example:6443/base\"", "x: y", "cluster \"near\": server is not set")]
    [InlineData("https://near.example:6443/base", "near.example", "cluster \"near\": server: \"near.example\" is no http or https address")]
    [InlineData("6443/base\"", "6443/base\", certificate-authority-data: '%'", "cluster \"near\": certificate-authority-data is not base64")]
    [InlineData("6443/base\"", "6443/base\", certificate-authority: gone.crt", "cluster \"near\": certificate-authority: ")]
    [InlineData("6443/base\"", "6443/base\", insecure-skip-tls-verify: maybe", "insecure-skip-tls-verify must be true or false")]
    [InlineData("6443/base\"", "6443/base\", proxy-url: http://p", "proxy-url is not supported")]
    [InlineData("{token: hush-token}", "{exec: {command: aws}}", "user \"me\": exec is not supported; use a client certificate, token or tokenFile")]
    [InlineData("{token: hush-token}", "{client-key-data: eA==}", "client-key is set but client-certificate is not")]
    [InlineData("{token: hush-token}", "{client-certificate-data: eA==, client-key-data: eA==}", "certificate and key are no PEM pair")]
    [InlineData("{token: hush-token}", "{token: [hush-token]}", "user \"me\": token must be text")]
    [InlineData("kind: Config", "kind: Config: {", "is not YAML: line")]
    public void What_is_wrong_is_named_by_file_entry_and_field(string text, string instead, string message)
    {
        string path = Write("broken", Plain.Replace(text, instead));

        KubeConfigException e = Should.Throw<KubeConfigException>(() => KubeConfig.Load(path, environment: Surroundings()));

        e.Message.ShouldContain(path);
        e.Message.ShouldContain(message);
        e.ToString().ShouldNotContain("hush-token");
    }

    [Fact]
    public void A_certificate_may_be_given_as_data()
    {
        string data = Convert.ToBase64String(Encoding.UTF8.GetBytes(SelfSigned()));
        string path = Write("config", Plain.Replace("6443/base\"", $"6443/base\", certificate-authority-data: {data}"));

        KubeConfig.Load(path, environment: Surroundings()).Authorities!.Count.ShouldBe(1);
    }

    [Fact]
    public void Without_any_way_the_message_lists_what_was_looked_for()
    {
        KubeConfigException e = Should.Throw<KubeConfigException>(() => KubeConfig.Load(environment: Surroundings()));

        e.Message.ShouldContain("--kubeconfig");
        e.Message.ShouldContain("KUBERNETES_SERVICE_HOST");
        e.Message.ShouldContain(Path.Combine(_folder, ".kube", "config"));
    }

    [Fact]
    public void A_pod_without_an_account_is_told_how_to_get_one()
    {
        _variables["KUBERNETES_SERVICE_HOST"] = "10.0.0.1";

        Should.Throw<KubeConfigException>(() => KubeConfig.Load(environment: Surroundings())).Message.ShouldContain("automountServiceAccountToken: true");
    }

    [Fact]
    public void The_account_of_a_pod_may_be_mounted_elsewhere()
    {
        string elsewhere = Path.GetDirectoryName(Write("elsewhere/token", "moved\n"))!;
        Write("elsewhere/ca.crt", SelfSigned());
        Write("elsewhere/namespace", "team-a\n");
        _variables["KUBERNETES_SERVICE_HOST"] = "10.0.0.1";
        _variables["VMCP_SERVICE_ACCOUNT_DIR"] = elsewhere;

        KubeConfig config = KubeConfig.Load(environment: new KubeEnvironment { Variable = name => _variables.GetValueOrDefault(name), Home = _folder });

        config.Token!.Current().ShouldBe("moved");
        config.Namespace.ShouldBe("team-a");
        new KubeEnvironment { Variable = _ => null }.ServiceAccountDirectory.ShouldBe("/var/run/secrets/kubernetes.io/serviceaccount");
    }

    private KubeEnvironment Surroundings() => new()
    {
        Variable = name => _variables.GetValueOrDefault(name),
        Home = _folder,
        ServiceAccountDirectory = Path.Combine(_folder, "pod"),
    };

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    private static string SelfSigned()
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        System.Security.Cryptography.X509Certificates.CertificateRequest request =
            new("CN=test", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return certificate.ExportCertificatePem();
    }
}
