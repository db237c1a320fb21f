using Vmcp.Operator.Planning.Document;
using Vmcp.Operator.Settings;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Planning.Checks;

/// <summary>
/// The checks before anything is planned for a server (operator 1.1 and 1.3). All of them are made, so that the user sees everything that
/// is wrong. What only an edit helps decides phase and message before what is missing, and that before what is on its way; of equals the first
/// in the order below.
/// </summary>
public static class ServerChecks
{
    /// <summary>When to look again for an object that is missing, in case no watch tells.</summary>
    public static TimeSpan Recheck { get; } = TimeSpan.FromSeconds(60);

    /// <summary>When to look again for an EmbeddingServer that is starting.</summary>
    public static TimeSpan EmbeddingRecheck { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Checks a server. The podTemplateSpec is parsed by whoever renders the pod.</summary>
    public static CheckResult Check(VirtualMCPServer server, World world, OperatorSettings settings)
    {
        ArgumentNullException.ThrowIfNull(server);
        ArgumentNullException.ThrowIfNull(world);
        ArgumentNullException.ThrowIfNull(settings);
        ReadSpec spec = SpecConfig.Read(server);
        Finding[] findings =
        [
            Spec(server, settings, spec),
            ReferenceChecks.Group(server, world),
            ReferenceChecks.CompositeTools(server, spec, world),
            ReferenceChecks.EmbeddingExists(server, world),
            AuthServer(server),
            Sessions(server, settings),
            AuthChecks.Oidc(server, world),
            AuthChecks.AuthzReference(server, world),
            ReferenceChecks.Telemetry(server, world),
            AuthChecks.Secrets(server, world, settings),
            ReferenceChecks.EmbeddingReady(server, world),
        ];
        return new CheckResult
        {
            Verdict = findings.Select(f => f.Stop).OfType<Verdict>().OrderBy(Rank).FirstOrDefault() ?? new Verdict.Continue(),
            Conditions = [.. findings.Select(f => f.Condition).OfType<PlannedCondition>().OrderBy(c => c.Type, StringComparer.Ordinal)],
            Events = [.. findings.Select(f => f.Event).OfType<PlannedEvent>()],
            OidcConfigHash = ConfigHashes.Oidc(server, world),
            AuthzConfigHash = ConfigHashes.Authz(server, world),
            TelemetryConfigHash = ConfigHashes.Telemetry(server, world),
        };
    }

    private static int Rank(Verdict stop) => stop switch
    {
        Verdict.StopTerminal => 0,
        Verdict.StopRetry { Phase: "Failed" } => 1,
        _ => 2,
    };

    private static Finding Spec(VirtualMCPServer server, OperatorSettings settings, ReadSpec spec)
    {
        string[] problems = [.. SpecRules.Problems(server, settings, spec)];
        return problems.Length == 0
            ? Finding.Good("Valid", "ValidationSucceeded", "The spec is valid")
            : Finding.Terminal("Valid", "ValidationFailed", Telling.Join(problems));
    }

    // Said rather than ignored: without it clients could not sign in, and nothing else would tell why.
    private static Finding AuthServer(VirtualMCPServer server) => server.Spec.AuthServerConfig is null
        ? new Finding(null)
        : Finding.Terminal(
            "AuthServerConfigValidated",
            "AuthServerConfigInvalid",
            "spec.authServerConfig: the embedded authorization server is not supported yet; use an external provider with spec.incomingAuth.oidcConfigRef");

    private static Finding Sessions(VirtualMCPServer server, OperatorSettings settings)
    {
        const string Type = "SessionStorageWarning";
        if (server.Spec.Replicas is null or <= 1)
            return new Finding(new PlannedCondition(Type, "False", "SessionStorageWarningNotApplicable", "One replica needs no shared session store"));
        bool shared = server.Spec.SessionStorage is { } own ? own.Provider == "redis" : settings.DefaultRedis is not null;
        return shared
            ? new Finding(new PlannedCondition(Type, "False", "SessionStorageConfigured", "Replicas share their session store"))
            : new Finding(new PlannedCondition(
                Type,
                "True",
                "SessionStorageMissingForReplicas",
                $"spec.replicas is {server.Spec.Replicas} and spec.sessionStorage.provider is not redis: rate limits and stored session data are per replica"));
    }
}
