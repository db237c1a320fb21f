using System.Text.RegularExpressions;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Validation;
using Vmcp.Operator.Planning.Document;
using Vmcp.Operator.Planning.Objects;
using Vmcp.Operator.Settings;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Checks;

/// <summary>What makes a spec wrong by itself, whatever exists around it (operator 1.3, crds 16.2 V-1 to V-25).</summary>
internal static partial class SpecRules
{
    /// <summary><c>vmcp-</c> and the name together are a Service's name, which has at most 63 characters.</summary>
    public const int MaxNameLength = 58;

    private const int MaxBackendName = 253;

    public static IEnumerable<string> Problems(VirtualMCPServer server, OperatorSettings settings, ReadSpec spec) =>
    [
        .. Name(server.Metadata.Name),
        .. Required(server),
        .. Incoming(server),
        .. Outgoing(server),
        .. Embedding(server, spec.Config),
        .. spec.Config is { } config ? Config(server, settings, config) : spec.Problems,
    ];

    /// <summary>Whether a text can be the name of a backend, which is an object's name or one of <c>spec.config.backends</c>.</summary>
    public static bool IsBackendName(string text) => text.Length <= MaxBackendName && BackendName().IsMatch(text);

    private static IEnumerable<string> Name(string name)
    {
        if (name.Length > MaxNameLength)
            yield return $"metadata.name: has {name.Length} characters; at most {MaxNameLength}, because Service vmcp-{name} could not exist";
        if (!DnsLabel().IsMatch(name))
            yield return $"metadata.name: \"{name}\" is no DNS-1035 label; use lower-case letters, digits and '-', a letter first";
    }

    private static IEnumerable<string> Required(VirtualMCPServer server)
    {
        if (string.IsNullOrEmpty(server.Spec.GroupRef?.Name))
            yield return "spec.groupRef.name: required";
        if (server.Spec.EmbeddingServerRef is { Name.Length: 0 })
            yield return "spec.embeddingServerRef.name: required";
        if (server.Spec.TelemetryConfigRef is { Name.Length: 0 })
            yield return "spec.telemetryConfigRef.name: required";
        if (server.Spec.SessionStorage is { } storage && storage.Provider is not ("memory" or "redis"))
            yield return $"spec.sessionStorage.provider: \"{storage.Provider}\" is unknown; must be memory or redis";
    }

    private static IEnumerable<string> Incoming(VirtualMCPServer server)
    {
        const string At = "spec.incomingAuth";
        if (server.Spec.IncomingAuth is not { } incoming)
        {
            yield return $"{At}: required; write type: anonymous to let everybody in";
            yield break;
        }

        if (incoming.Type is not ("anonymous" or "oidc"))
            yield return $"{At}.type: {(incoming.Type is null ? "required" : $"\"{incoming.Type}\" is unknown")}; must be anonymous or oidc";
        if (incoming.Type == "oidc" && string.IsNullOrEmpty(incoming.OidcConfigRef?.Name))
            yield return $"{At}.oidcConfigRef: required for type oidc";
        else if (incoming.Type == "oidc" && string.IsNullOrEmpty(incoming.OidcConfigRef?.Audience))
            yield return $"{At}.oidcConfigRef.audience: required";
        if (incoming.Type == "anonymous" && incoming.OidcConfigRef is not null)
            yield return $"{At}.oidcConfigRef: only type oidc uses it, so tokens would not be checked; write type: oidc, or leave it out";
        if (incoming.AuthzConfig is not null && incoming.AuthzConfigRef is not null)
            yield return $"{At}.authzConfigRef: authzConfig is given as well; keep one";
        if (incoming.AuthzConfig is { } authz)
        {
            if (authz.Type is not ("inline" or "configMap"))
                yield return $"{At}.authzConfig.type: must be inline or configMap";
            if (authz.Type == "inline" && authz.Inline is not { Policies.Count: > 0 })
                yield return $"{At}.authzConfig.inline.policies: required for type inline";
            if (authz.Inline?.PrimaryUpstreamProvider is { Length: > 0 } && server.Spec.AuthServerConfig is null)
                yield return $"{At}.authzConfig.inline.primaryUpstreamProvider: names a provider of spec.authServerConfig, which is not supported yet; leave it out";
        }
    }

    private static IEnumerable<string> Outgoing(VirtualMCPServer server)
    {
        if (server.Spec.OutgoingAuth is not { } outgoing)
            yield break;
        if (outgoing.Source is not (null or "" or "discovered" or "inline"))
            yield return $"spec.outgoingAuth.source: \"{outgoing.Source}\" is unknown; must be discovered or inline";
        if (outgoing.Default is { } shared && Entry(shared, "spec.outgoingAuth.default") is { } problem)
            yield return problem;
        foreach ((string backend, BackendAuthSpec entry) in outgoing.Backends.OrderBy(b => b.Key, StringComparer.Ordinal))
        {
            string at = $"spec.outgoingAuth.backends[{backend}]";
            if (!IsBackendName(backend))
                yield return $"{at}: is not the name of a backend";
            if (Entry(entry, at) is { } wrong)
                yield return wrong;
        }
    }

    private static string? Entry(BackendAuthSpec entry, string at) => entry switch
    {
        { Type: null or "" } => $"{at}.type: required; must be discovered or externalAuthConfigRef",
        { Type: "discovered" } => null,
        { Type: not "externalAuthConfigRef" } => $"{at}.type: \"{entry.Type}\" is unknown; must be discovered or externalAuthConfigRef",
        { ExternalAuthConfigRef: null } => $"{at}.externalAuthConfigRef: required for type externalAuthConfigRef",
        { ExternalAuthConfigRef.Name.Length: 0 } => $"{at}.externalAuthConfigRef.name: required",
        _ => null,
    };

    private static IEnumerable<string> Embedding(VirtualMCPServer server, GatewayConfig? config)
    {
        if (config?.Optimizer is not { } optimizer)
            yield break;
        bool reference = !string.IsNullOrEmpty(server.Spec.EmbeddingServerRef?.Name);
        if (!reference && string.IsNullOrEmpty(optimizer.EmbeddingService))
            yield return "spec.config.optimizer: embedding service required; set spec.embeddingServerRef or spec.config.optimizer.embeddingService";
        if (reference && optimizer.EmbeddingProvider == EmbeddingProvider.OpenAi)
            yield return "spec.embeddingServerRef: an EmbeddingServer does not speak openai; leave out spec.config.optimizer.embeddingProvider or the reference";
    }

    private static IEnumerable<string> Config(VirtualMCPServer server, OperatorSettings settings, GatewayConfig config)
    {
        bool inline = Modes.IsInline(server);
        if (!config.Backends.IsEmpty && !inline)
        {
            yield return "spec.config.backends: spec.outgoingAuth.source is discovered, so the backends are the members of the group; "
                + "write source: inline, or leave the list out";
        }

        // Silently dropped credentials would mean calls without any.
        if (config.OutgoingAuth is { } outgoing && (outgoing.Default is not null || !outgoing.Backends.IsEmpty))
            yield return "spec.config.outgoingAuth: is not used; name MCPExternalAuthConfigs in spec.outgoingAuth";
        foreach (ConfigProblem problem in ConfigValidator.Validate(Alone(server, settings, config, inline), _ => null))
        {
            if (problem.Severity == Severity.Error && !problem.Path.StartsWith("incomingAuth", StringComparison.Ordinal))
                yield return SpecConfig.Tell(problem, Place(server, problem.Path));
        }
    }

    // What the document will hold and the spec alone decides; the rest is checked on the document itself.
    private static GatewayConfig Alone(VirtualMCPServer server, OperatorSettings settings, GatewayConfig config, bool inline)
    {
        bool redis = server.Spec.SessionStorage is { } storage ? storage.Provider == "redis" : settings.DefaultRedis is not null;
        return config with
        {
            Name = server.Metadata.Name,
            GroupRef = server.Spec.GroupRef?.Name,
            Backends = inline ? config.Backends : [],
            IncomingAuth = new IncomingAuthConfig
            {
                Type = server.Spec.IncomingAuth?.Type == "oidc" ? IncomingAuthType.Oidc : IncomingAuthType.Anonymous,
            },
            OutgoingAuth = null,
            Optimizer = config.Optimizer is { } optimizer && server.Spec.EmbeddingServerRef is not null
                ? optimizer with { EmbeddingService = null }
                : config.Optimizer,
            Telemetry = null,
            SessionStorage = !redis ? null : new SessionStorageConfig
            {
                Provider = SessionStorageProvider.Redis,
                Address = server.Spec.SessionStorage is { } own ? own.Address : settings.DefaultRedis!.Address,
                KeyPrefix = string.IsNullOrEmpty(server.Spec.SessionStorage?.KeyPrefix) ? null : server.Spec.SessionStorage.KeyPrefix,
                Db = server.Spec.SessionStorage?.Db,
            },
            PassthroughHeaders = PassedHeaders.Of(server, config),
        };
    }

    private static string Place(VirtualMCPServer server, string path)
    {
        bool fromSpec = path.StartsWith("sessionStorage", StringComparison.Ordinal)
            || (path.StartsWith("passthroughHeaders", StringComparison.Ordinal) && server.Spec.PassthroughHeaders.Count > 0);
        return (fromSpec ? "spec." : "spec.config.") + path;
    }

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex DnsLabel();

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex BackendName();
}
