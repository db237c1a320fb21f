using System.Security.Cryptography;

namespace Vmcp.KubeKit.Server;

/// <summary>The files of one server, in a folder of their own which only this user reads.</summary>
internal sealed class ServerFiles : IDisposable
{
    private int _kubeconfigs;

    public ServerFiles(string? parent)
    {
        Root = parent is null
            ? Directory.CreateTempSubdirectory("vmcp-apiserver-").FullName
            : Directory.CreateDirectory(Path.Combine(parent, "vmcp-apiserver")).FullName;
        Write("tokens.csv", $"{AdminToken},admin,admin,\"system:masters\"\n");
        using var key = RSA.Create(2048);
        Write("sa.key", key.ExportRSAPrivateKeyPem());
        Write("sa.pub", key.ExportSubjectPublicKeyInfoPem());
    }

    public string Root { get; }

    public string AdminToken { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    public string Data => In("etcd");

    public string Tokens => In("tokens.csv");

    public string SigningKey => In("sa.key");

    public string VerifyingKey => In("sa.pub");

    public string Certificates => In("certs");

    /// <summary>The server's self-signed chain; its authority is the last certificate.</summary>
    public string Authority => Path.Combine(Certificates, "apiserver.crt");

    public string AuditPolicy => In("audit-policy.yaml");

    public string AuditLog => In("audit.log");

    public string Write(string name, string text)
    {
        string path = In(name);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        using var writer = new StreamWriter(file);
        writer.Write(text);
        return path;
    }

    public string WriteKubeconfig(Uri server, string token, string @namespace) =>
        Write($"kubeconfig-{Interlocked.Increment(ref _kubeconfigs)}", $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters:
            - name: test
              cluster:
                server: {{server.GetLeftPart(UriPartial.Authority)}}
                certificate-authority: {{Authority}}
            users:
            - name: user
              user:
                token: {{token}}
            contexts:
            - name: test
              context: {cluster: test, user: user, namespace: {{@namespace}}}

            """);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private string In(string name) => Path.Combine(Root, name);
}
