using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Vmcp.ApiServer.Tests.Ring;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Informers;

public sealed class AccessTests(SharedApiServer shared) : IDisposable
{
    private readonly Server _server = shared.Server;
    private readonly string _folder = Directory.CreateTempSubdirectory("vmcp-access-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_pod_uses_its_account_and_a_newer_token_of_it_at_once_when_the_old_one_is_refused()
    {
        string space = await _server.CreateNamespaceAsync();
        await MountAsync(space, await _server.TokenForServiceAccountAsync(space, "worker"));
        FakeTimeProvider time = new();
        KubeConfig config = KubeConfig.Load(environment: Pod(), time: time);
        config.Namespace.ShouldBe(space);
        using KubeClient client = new(config, TimeProvider.System, NullLogger.Instance);
        await GrantAsync(space, "worker", "get", "configmaps");
        ObjectKey key = new(space, "kube-root-ca.crt");
        await Eventually.ReadsAsync(() => client.GetAsync(BuiltIn.ConfigMap, key, CancellationToken.None), o => o is not null, "the config map");

        KubeException refused = await Should.ThrowAsync<KubeException>(() => client.GetAsync(BuiltIn.Secret, new ObjectKey(space, "x"), CancellationToken.None));
        refused.Error.ShouldBe(KubeError.Forbidden);
        refused.Message.ShouldContain($"system:serviceaccount:{space}:worker");

        // A token ends with its account; the clock of the client stands still, so only the refusal makes it look at the file again.
        await _server.KubectlAsync("delete", "serviceaccount", "worker", "-n", space);
        (await Should.ThrowAsync<KubeException>(() => client.GetAsync(BuiltIn.ConfigMap, key, CancellationToken.None))).Error.ShouldBe(KubeError.Unauthorized);
        await MountAsync(space, await _server.TokenForServiceAccountAsync(space, "worker"));
        (await client.GetAsync(BuiltIn.ConfigMap, key, CancellationToken.None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_client_certificate_of_a_kubeconfig_is_shown()
    {
        using RSA rootKey = RSA.Create(2048);
        using X509Certificate2 root = SelfSigned(rootKey);
        string rootFile = Write("client-ca.pem", root.ExportCertificatePem());
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("O=system:masters,CN=boss", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], false));
        using X509Certificate2 leaf = request.Create(root, root.NotBefore, root.NotAfter, [1, 2, 3]);
        Write("boss.pem", leaf.ExportCertificatePem());
        Write("boss.key", key.ExportPkcs8PrivateKeyPem());
        await using Server server = await Server.StartAsync(new ApiServerOptions { Flags = [$"--client-ca-file={rootFile}"] });
        string byFile = Write("by-file", Kubeconfig(server, "{client-certificate: boss.pem, client-key: boss.key}"));
        string byData = Write("by-data", Kubeconfig(
            server, $"{{client-certificate-data: {Base64(leaf.ExportCertificatePem())}, client-key-data: {Base64(key.ExportPkcs8PrivateKeyPem())}}}"));

        foreach (string kubeconfig in (string[])[byFile, byData])
        {
            using KubeClient client = Kube.Client(kubeconfig);
            (await client.ListAsync(BuiltIn.Secret, new ListOptions(), CancellationToken.None)).ResourceVersion.ShouldNotBeEmpty();
        }

        using KubeClient nobody = Kube.Client(Write("nobody", Kubeconfig(server, "{}")));
        (await Should.ThrowAsync<KubeException>(() => nobody.ListAsync(BuiltIn.Secret, new ListOptions(), CancellationToken.None)))
            .Error.ShouldBeOneOf(KubeError.Unauthorized, KubeError.Forbidden);
    }

    [Fact]
    public async Task A_server_signed_by_another_authority_is_not_spoken_to()
    {
        using RSA key = RSA.Create(2048);
        using X509Certificate2 stranger = SelfSigned(key);
        string text = File.ReadAllText(_server.AdminKubeconfig).Replace(_server.CaFile, Write("stranger.pem", stranger.ExportCertificatePem()), StringComparison.Ordinal);
        using KubeClient client = Kube.Client(Write("stranger", text));

        KubeException e = await Should.ThrowAsync<KubeException>(() => client.ListAsync(BuiltIn.ConfigMap, new ListOptions(), CancellationToken.None));

        e.Error.ShouldBe(KubeError.Unreachable);
        e.Message.ShouldContain("certificate", Case.Insensitive);
        e.Message.ShouldNotContain(_server.AdminToken);
    }

    [Fact]
    public async Task The_words_and_kinds_of_refusals_arrive()
    {
        string space = await _server.CreateNamespaceAsync();
        using KubeClient client = Kube.Client(_server);
        await client.CreateAsync(BuiltIn.ConfigMap, Kube.ConfigMap(space, "a"), WriteOptions.Default, CancellationToken.None);

        KubeException twice = await FailsAsync(() => client.CreateAsync(BuiltIn.ConfigMap, Kube.ConfigMap(space, "a"), WriteOptions.Default, CancellationToken.None));
        JsonObject stale = Kube.ConfigMap(space, "a", "2");
        stale["metadata"]!["resourceVersion"] = "1";
        KubeException conflict = await FailsAsync(() => client.ReplaceAsync(BuiltIn.ConfigMap, stale, WriteOptions.Default, CancellationToken.None));
        KubeException invalid = await FailsAsync(() => client.CreateAsync(BuiltIn.ConfigMap, Kube.ConfigMap(space, "No_Name"), WriteOptions.Default, CancellationToken.None));
        KubeException noKind = await FailsAsync(() => client.GetAsync(new ResourceType("no.example", "v1", "things", "Thing"), new ObjectKey(space, "a"), CancellationToken.None));
        KubeException noSpace = await FailsAsync(() => client.CreateAsync(BuiltIn.ConfigMap, Kube.ConfigMap("not-there", "a"), WriteOptions.Default, CancellationToken.None));
        KubeException otherUid = await FailsAsync(() => client.DeleteAsync(
            BuiltIn.ConfigMap, new ObjectKey(space, "a"), new DeleteOptions { Uid = Guid.NewGuid().ToString() }, CancellationToken.None));

        twice.Error.ShouldBe(KubeError.AlreadyExists);
        twice.Message.ShouldContain($"create ConfigMap {space}/a: 409 AlreadyExists");
        conflict.Error.ShouldBe(KubeError.Conflict);
        invalid.Error.ShouldBe(KubeError.Invalid);
        invalid.Message.ShouldContain("metadata.name");
        noKind.Error.ShouldBe(KubeError.NotFound);
        noSpace.Error.ShouldBe(KubeError.NotFound);
        otherUid.Error.ShouldBe(KubeError.Conflict);
        (await client.GetAsync(BuiltIn.ConfigMap, new ObjectKey(space, "none"), CancellationToken.None)).ShouldBeNull();
        (await client.DeleteAsync(BuiltIn.ConfigMap, new ObjectKey(space, "none"), DeleteOptions.Default, CancellationToken.None)).ShouldBeFalse();
    }

    [Fact]
    public async Task Two_managers_conflict_unless_one_takes_by_force_and_a_dry_run_stores_nothing()
    {
        string space = await _server.CreateNamespaceAsync();
        using KubeClient client = Kube.Client(_server);
        ObjectKey key = new(space, "a");
        await ApplyAsync("1", "one", false, false);

        KubeException conflict = await FailsAsync(() => ApplyAsync("2", "two", false, false));
        await ApplyAsync("2", "two", true, true);
        string afterDryRun = Kube.Value((await client.GetAsync(BuiltIn.ConfigMap, key, CancellationToken.None))!);
        await ApplyAsync("2", "two", true, false);
        KubeObject taken = (await client.GetAsync(BuiltIn.ConfigMap, key, CancellationToken.None))!;
        KubeObject merged = await client.PatchAsync(
            BuiltIn.ConfigMap, key, new Patch.Merge(new JsonObject { ["data"] = new JsonObject { ["value"] = "3" } }), WriteOptions.Default, CancellationToken.None);
        KubeObject patched = await client.PatchAsync(
            BuiltIn.ConfigMap, key, new Patch.Json([new JsonObject { ["op"] = "replace", ["path"] = "/data/value", ["value"] = "4" }]),
            WriteOptions.Default, CancellationToken.None);

        conflict.Error.ShouldBe(KubeError.Conflict);
        conflict.Message.ShouldContain("one");
        afterDryRun.ShouldBe("1");
        Kube.Value(taken).ShouldBe("2");
        taken.Body.GetProperty("metadata").GetProperty("managedFields").GetRawText().ShouldContain("\"two\"");
        Kube.Value(merged).ShouldBe("3");
        Kube.Value(patched).ShouldBe("4");

        Task<KubeObject> ApplyAsync(string value, string manager, bool force, bool dryRun) => client.PatchAsync(
            BuiltIn.ConfigMap, key, new Patch.Apply(Kube.ConfigMap(space, "a", value), force),
            new WriteOptions { FieldManager = manager, DryRun = dryRun }, CancellationToken.None);
    }

    private static async Task<KubeException> FailsAsync(Func<Task> ask) => await Should.ThrowAsync<KubeException>(ask);

    private async Task MountAsync(string space, string token)
    {
        Write("namespace", space);
        Write("token", token);
        Write("ca.crt", await File.ReadAllTextAsync(_server.CaFile));
    }

    private KubeEnvironment Pod() => new()
    {
        Variable = name => name switch
        {
            "KUBERNETES_SERVICE_HOST" => _server.Url.Host,
            "KUBERNETES_SERVICE_PORT" => $"{_server.Url.Port}",
            _ => null,
        },
        Home = Path.Combine(_folder, "no-home"),
        ServiceAccountDirectory = _folder,
    };

    private async Task GrantAsync(string space, string account, string verb, string resource)
    {
        await _server.KubectlAsync("create", "role", "may", $"--verb={verb}", $"--resource={resource}", "-n", space);
        await _server.KubectlAsync("create", "rolebinding", "may", "--role=may", $"--serviceaccount={space}:{account}", "-n", space);
    }

    private static X509Certificate2 SelfSigned(RSA key)
    {
        CertificateRequest request = new("CN=clients", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    private static string Kubeconfig(Server server, string user) => $$"""
        apiVersion: v1
        kind: Config
        current-context: test
        clusters:
        - name: test
          cluster: {server: "{{server.Url.GetLeftPart(UriPartial.Authority)}}", certificate-authority: {{server.CaFile}}}
        users:
        - name: user
          user: {{user}}
        contexts:
        - name: test
          context: {cluster: test, user: user}
        """;

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
