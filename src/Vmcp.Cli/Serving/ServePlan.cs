using System.Collections.Immutable;
using System.Net;

using Vmcp.Cli.Backends;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Validation;
using Vmcp.Config.Values;
using Vmcp.Gateway;
using Vmcp.Gateway.Hosting;

namespace Vmcp.Cli.Serving;

/// <summary>A command line and its configuration turned into a gateway's start; everything wrong with both is found together.</summary>
internal sealed class ServePlan
{
    /// <summary>Neither a file nor backends were named (the text is known to scripts).</summary>
    public const string NothingToServe = "either --config or --group must be specified (or name servers with --backend name=url, or a directory with --manifests)";

    /// <summary>Why <c>--group</c> does not work.</summary>
    public const string GroupNotSupported =
        "not supported yet: --group (it needs a local container runtime that runs the group's servers); "
        + "name the servers with --backend name=url, list them in a file and give it with --config, or describe the group in a directory and give it with --manifests";

    // Only the operator sets it (operator 5.5), so it tells that the operator runs this gateway and watches over its Secrets.
    private const string OperatorVariable = "VMCP_STATUS_REPORTER";

    // Within the pod's grace period of 60 s, of which its preStop takes 5: a rolling restart lets the calls of clients finish.
    private static readonly TimeSpan DeployedDrain = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan DeployedQuiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DefaultSessionTtl = TimeSpan.FromMinutes(30);
    private readonly List<string> _errors = [];
    private readonly List<string> _warnings = [];

    private ServePlan()
    {
    }

    /// <summary>How to start; null when there are errors.</summary>
    public GatewayStart? Start { get; private set; }

    /// <summary>The backends are found in a cluster; <see cref="Start"/> lacks its source.</summary>
    public bool Discovers { get; private set; }

    /// <summary>The backends are found in a directory; <see cref="Start"/> lacks its source.</summary>
    public ManifestRequest? Manifests { get; private set; }

    /// <summary>Why it cannot start, one line each.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>What to know although it can, one line each.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Makes the plan. Reads the configuration file, nothing else.</summary>
    public static ServePlan Make(ServeRequest request, Func<string, string?> env)
    {
        ServePlan plan = new();
        if (request.ConfigPath is null && request.Group is null && request.Backends.Count == 0 && request.Manifests is null)
            plan._errors.Add(NothingToServe);
        else
            plan.Fill(request, env);
        return plan;
    }

    private void Fill(ServeRequest request, Func<string, string?> env)
    {
        IPAddress? address = ListenAddress.ParseHost(request.Host);
        if (address is null)
            _errors.Add($"--host \"{request.Host}\" is not an address; use 127.0.0.1, ::1, localhost, 0.0.0.0 or another IP address of this machine");
        int? port = ListenAddress.ParsePort(request.Port);
        if (port is null)
            _errors.Add($"--port \"{request.Port}\" is not a port; use a number from 0 (the system chooses) to 65535");
        TimeSpan sessionTtl = ReadSessionTtl(request.SessionTtl);
        byte[]? secret = SessionSecret.Read(env, out string? secretProblem);
        if (secretProblem is not null)
            _errors.Add(secretProblem);
        if (request.EnableAudit)
            _errors.Add("not supported yet: --enable-audit");
        bool loopback = address is null || IPAddress.IsLoopback(address);
        CheckManifests(request);
        (LoadedConfig? config, (string Path, string Text)? file) = request.ConfigPath is { } path
            ? ReadFile(request, path, env, loopback)
            : ReadArguments(request, env, loopback);
        if (_errors.Count > 0 || config is null)
            return;
        if (request.Manifests is { } directory)
            Manifests = new ManifestRequest(directory, request.Namespace, file is null ? request.Group : config.Config.EffectiveGroup, file?.Path);
        Start = new GatewayStart
        {
            Config = config,
            ConfigFile = file,
            Address = address!,
            Port = port!.Value,
            Env = env,
            Options = new GatewayOptions
            {
                Name = config.Config.EffectiveName,
                GroupRef = config.Config.EffectiveGroup,
                Version = Core.Product.Version,
                SessionTtl = sessionTtl,
                SessionSecret = secret,
                AllowedHosts = AllowedHosts(request.AllowedHosts, loopback),
                // Whoever wants others to see the page, and the names of hidden tools, says so.
                Dashboard = request.Dashboard is { } asked ? asked == "on" : loopback && env(OperatorVariable) is null,
                ShowCatalog = request.Dashboard == "on",
                DrainLimit = env(OperatorVariable) is null ? new GatewayOptions().DrainLimit : DeployedDrain,
                DrainQuiet = env(OperatorVariable) is null ? TimeSpan.Zero : DeployedQuiet,
            },
        };
    }

    private void CheckManifests(ServeRequest request)
    {
        if (request.Manifests is null)
        {
            if (request.Namespace is not null)
                _errors.Add("--namespace needs --manifests: it says which namespace of the directory is meant");
            return;
        }

        if (request.Backends.Count > 0)
            _errors.Add("--backend and --manifests exclude each other; put an MCPServer with the address as status.url into the directory");
        if (request.ConfigPath is not null && request.Group is not null)
            _errors.Add("--group and --config exclude each other; with --manifests the groupRef of the file chooses the group");
    }

    private TimeSpan ReadSessionTtl(string text)
    {
        if (text == "0")
            return DefaultSessionTtl;
        if (GoDuration.TryParse(text, out TimeSpan value, out string? problem))
            return value == TimeSpan.Zero ? DefaultSessionTtl : value;
        _errors.Add($"--session-ttl \"{text}\": {problem ?? "not a duration"}; write for example 30m, 1h30m or 90s (0 means 30m)");
        return default;
    }

    private (LoadedConfig? Config, (string Path, string Text)? File) ReadFile(
        ServeRequest request, string path, Func<string, string?> env, bool loopback)
    {
        if (request.Backends.Count > 0)
            _errors.Add("--backend and --config exclude each other; list the server in the file under backends");
        if (request.Group is not null && request.Manifests is null)
            _warnings.Add("--group is ignored: --config says everything");
        if (ConfigSource.Read(path, out string problem) is not { } text)
        {
            _errors.Add(problem);
            return default;
        }

        bool deployed = env(OperatorVariable) is not null;
        LoadedConfig? config = LoadedConfig.Load(text, path, env, 1, out ImmutableArray<ConfigProblem> problems, backendsAlone: deployed);
        Take([.. problems, .. NotSupportedYet.FindBeside(path)]);
        if (config is null)
            return default;
        Discovers = config.Config.EffectiveSource == OutgoingAuthSource.Discovered && request.Manifests is null;
        if (Discovers && config.Config.OutgoingAuth?.Source is null)
        {
            _errors.Add(
                $"{path}: no backends are listed; list them under backends, or write outgoingAuth: {{source: discovered}} to find those of the group in a cluster");
        }

        CheckDoor(config.Config.IncomingAuth, request.Host, loopback);
        // The operator replaces the pod for every new document. A mounted ConfigMap changes under the old pods too, which have neither the
        // variables nor the rights for it.
        return (config, deployed ? null : (path, text));
    }

    private void CheckDoor(IncomingAuthConfig? incoming, string host, bool loopback)
    {
        if (incoming is { Type: IncomingAuthType.Oidc, Oidc: { } oidc })
        {
            if (IncomingDoor.ResourceOf(oidc) is null)
                _warnings.Add("incomingAuth.oidc.resource is not set and the audience is no URL: clients are not told where to get a token; write the URL of this server");
            return;
        }

        if (loopback)
            return;
        switch (incoming?.Type)
        {
            case IncomingAuthType.Anonymous:
                _warnings.Add($"incomingAuth is anonymous and --host {host} is not loopback: everybody who reaches this address may call every tool");
                break;
            case IncomingAuthType.Local:
                _errors.Add(
                    $"--host {host} is not loopback, and incomingAuth.type local takes everybody for the user of this machine; "
                    + "write incomingAuth: {type: oidc, oidc: ...} in the file, or use --host 127.0.0.1");
                break;
            default:
                _errors.Add(
                    $"--host {host} is not loopback, and everybody who reaches it could call every tool; write incomingAuth: {{type: oidc, oidc: ...}} in the file, "
                    + "or incomingAuth: {type: anonymous} if everybody may, or use --host 127.0.0.1");
                break;
        }
    }

    private (LoadedConfig? Config, (string Path, string Text)? File) ReadArguments(ServeRequest request, Func<string, string?> env, bool loopback)
    {
        if (!loopback)
        {
            _errors.Add(
                $"--host {request.Host} is not loopback; without a file the gateway is anonymous and listens on loopback only "
                + "(127.0.0.1, ::1, localhost); for other addresses use --config with a file that says incomingAuth: {type: anonymous}");
        }

        if (request.Group is not null && request.Manifests is null)
            _errors.Add(GroupNotSupported);
        List<BackendConfig> backends = [];
        foreach (string argument in request.Backends)
        {
            switch (BackendArgument.Parse(argument))
            {
                case BackendArgument.Usable usable:
                    backends.Add(usable.Backend);
                    break;
                case BackendArgument.Unsupported unsupported:
                    _errors.Add(unsupported.Reason);
                    break;
                case BackendArgument.Malformed malformed:
                    _errors.Add(malformed.Reason);
                    break;
            }
        }

        if (backends.Count == 0 && request.Manifests is null)
            return default;
        string text = request.Manifests is null ? BackendConfigText.Write(backends) : BackendConfigText.Discovered;
        LoadedConfig? config = LoadedConfig.Load(text, "", env, 1, out ImmutableArray<ConfigProblem> problems);
        // Lines of a text that nobody wrote would only confuse.
        Take([.. problems.Select(p => p with { File = null, Line = 0 })]);
        return (config, null);
    }

    private void Take(ImmutableArray<ConfigProblem> problems)
    {
        _errors.AddRange(problems.Where(p => p.Severity == Severity.Error).Select(p => p.ToString()));
        _warnings.AddRange(problems.Where(p => p.Severity == Severity.Warning).Select(p => p.ToString()));
    }

    /// <summary>On loopback only loopback names; elsewhere every name, unless some are listed: behind a proxy we cannot know ours.</summary>
    private static HashSet<string>? AllowedHosts(IReadOnlyList<string> listed, bool loopback) =>
        loopback || listed.Count > 0 ? new HashSet<string>(listed, StringComparer.OrdinalIgnoreCase) : null;
}
