using Vmcp.KubeKit.Audit;
using Vmcp.TestKit;

namespace Vmcp.KubeKit.Server;

/// <summary>
/// An API server for tests by the envtest convention: etcd and kube-apiserver from <c>KUBEBUILDER_ASSETS</c> on free loopback ports, with
/// files of their own, all gone after disposal.
/// </summary>
public sealed partial class ApiServer : IAsyncDisposable
{
    private const int PortRaces = 5;
    private readonly Assets _assets;
    private readonly ServerFiles _files;
    private ServerProcess? _etcd;
    private ServerProcess? _server;
    private HttpClient? _admin;
    private bool _disposed;

    private ApiServer(Assets assets, ServerFiles files) => (_assets, _files) = (assets, files);

    /// <summary>Where it answers: <c>https://127.0.0.1:port/</c>.</summary>
    public Uri Url { get; private set; } = new("https://127.0.0.1/");

    /// <summary>Where its etcd answers, without credentials.</summary>
    public Uri EtcdUrl { get; private set; } = new("http://127.0.0.1/");

    /// <summary>PEM file to trust it by.</summary>
    public string CaFile => _files.Authority;

    /// <summary>A token of group <c>system:masters</c>.</summary>
    public string AdminToken => _files.AdminToken;

    /// <summary>Path of a kubeconfig of the administrator.</summary>
    public string AdminKubeconfig { get; private set; } = "";

    /// <summary>Path of the audit log; it exists when an audit policy was asked for and something was recorded.</summary>
    public string AuditLog => _files.AuditLog;

    /// <summary>The folder of its files, for what a test wants to go with it.</summary>
    public string Folder => _files.Root;

    /// <summary>What kube-apiserver wrote so far; for failures.</summary>
    public IReadOnlyList<string> Log => _server?.Lines ?? [];

    /// <summary>Bare HTTP as the administrator, relative to <see cref="Url"/>.</summary>
    public HttpClient Admin => _admin ?? throw new InvalidOperationException("the API server has not started");

    /// <summary>Whether it collects garbage itself; the usual kube-apiserver leaves that to its controller manager.</summary>
    public bool CollectsGarbage { get; private set; }

    /// <summary>Process ids of kube-apiserver and etcd; for tests that pause or end them.</summary>
    public (int Server, int Etcd) ProcessIds => (_server?.Id ?? 0, _etcd?.Id ?? 0);

    /// <summary>Starts it and waits until it is ready; whatever was started is gone again when this fails.</summary>
    /// <exception cref="InvalidOperationException">There are no binaries, or one does not start.</exception>
    public static async Task<ApiServer> StartAsync(ApiServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= ApiServerOptions.Default;
        var server = new ApiServer(Assets.Find(), new ServerFiles(options.Folder));
        try
        {
            await server.StartEtcdAsync(options, cancellationToken);
            await server.StartServerAsync(options, cancellationToken);
            server.CollectsGarbage = await server.HasFlagAsync("--disable-gc");
            server.AdminKubeconfig = server.WriteKubeconfigForToken(server.AdminToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes a kubeconfig for a bearer token and returns its path.</summary>
    public string WriteKubeconfigForToken(string token, string @namespace = "default") => _files.WriteKubeconfig(Url, token, @namespace);

    /// <summary>The audit events written so far; in order of arrival.</summary>
    public Task<IReadOnlyList<AuditEvent>> ReadAuditAsync(CancellationToken cancellationToken = default) =>
        AuditEvent.ReadAsync(AuditLog, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        _admin?.Dispose();
        // The server first: it still writes while it stops.
        if (_server is not null)
            await _server.DisposeAsync();
        if (_etcd is not null)
            await _etcd.DisposeAsync();
        _files.Dispose();
    }

    private async Task StartEtcdAsync(ApiServerOptions options, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        for (int race = 1; ; race++)
        {
            EtcdUrl = new Uri($"http://127.0.0.1:{FreePort.Find()}/");
            string client = EtcdUrl.GetLeftPart(UriPartial.Authority);
            string peer = $"http://127.0.0.1:{FreePort.Find()}";
            _etcd = ServerProcess.Start(_assets.Etcd,
            [
                "--name=default", $"--data-dir={_files.Data}-{race}", $"--listen-client-urls={client}", $"--advertise-client-urls={client}",
                $"--listen-peer-urls={peer}", $"--initial-advertise-peer-urls={peer}", $"--initial-cluster=default={peer}", "--unsafe-no-fsync",
            ], _files.Root);
            if (await _etcd.IsReadyAsync(() => AnswersAsync(http, new Uri(EtcdUrl, "health"), cancellationToken), options.ReadyWithin, cancellationToken))
                return;
            await EndedAsync(_etcd, "etcd", race);
        }
    }

    private async Task StartServerAsync(ApiServerOptions options, CancellationToken cancellationToken)
    {
        for (int race = 1; ; race++)
        {
            Url = new Uri($"https://127.0.0.1:{FreePort.Find()}/");
            _admin = AdminClient.Create(Url, CaFile, AdminToken);
            _server = ServerProcess.Start(_assets.KubeApiServer, Flags(options), _files.Root);
            if (await _server.IsReadyAsync(() => AnswersAsync(_admin, new Uri(Url, "readyz"), cancellationToken), options.ReadyWithin, cancellationToken))
                return;
            _admin.Dispose();
            await EndedAsync(_server, "kube-apiserver", race);
        }
    }

    private IEnumerable<string> Flags(ApiServerOptions options)
    {
        List<string> flags =
        [
            $"--etcd-servers={EtcdUrl.GetLeftPart(UriPartial.Authority)}", "--bind-address=127.0.0.1", $"--secure-port={Url.Port}",
            $"--cert-dir={_files.Certificates}", $"--token-auth-file={_files.Tokens}", "--authorization-mode=RBAC", "--allow-privileged=true",
            "--service-account-issuer=https://kubernetes.default.svc.cluster.local", $"--service-account-key-file={_files.VerifyingKey}",
            $"--service-account-signing-key-file={_files.SigningKey}",
            // There is nobody who would make the token a pod is to mount.
            "--disable-admission-plugins=ServiceAccount",
        ];
        if (!options.WatchCache)
            flags.Add("--watch-cache=false");
        if (options.AuditPolicy is { } policy)
        {
            // Blocking: the event is in the file when the answer is here.
            flags.AddRange([$"--audit-policy-file={_files.Write("audit-policy.yaml", policy)}", $"--audit-log-path={AuditLog}", "--audit-log-mode=blocking"]);
        }

        return flags.Concat(options.Flags);
    }

    private async Task<bool> HasFlagAsync(string flag)
    {
        await using TestProcess help = TestProcess.Start(_assets.KubeApiServer, ["--help"]);
        await help.WaitForExitAsync();
        return help.Lines.Any(l => l.TrimStart().StartsWith(flag, StringComparison.Ordinal));
    }

    private static async Task EndedAsync(ServerProcess process, string name, int race)
    {
        if (race >= PortRaces)
            throw new InvalidOperationException($"{name} ended {race} times instead of becoming ready. Its last lines:\n{process.Tail()}");
        await process.DisposeAsync();
    }

    private static async Task<bool> AnswersAsync(HttpClient http, Uri probe, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(probe, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
