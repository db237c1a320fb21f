using Vmcp.Config.Model;
using Vmcp.Operator.Settings;
using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Document;

/// <summary>What the Kubernetes-level fields and the objects they name put over <c>spec.config</c> (operator 2.4, fill rules).</summary>
internal static class Overlay
{
    private const string RedisPasswordVariable = "THV_SESSION_REDIS_PASSWORD";
    private const string DefaultRedisKey = "redis-password";

    /// <summary>The configuration without backends and outgoing auth.</summary>
    public static GatewayConfig Apply(
        VirtualMCPServer server, World world, OperatorSettings settings, GatewayConfig spec, PodNeeds needs, List<string> problems)
    {
        (IncomingAuthConfig? incoming, string? problem) = IncomingPart.Build(server, world, needs);
        if (problem is not null)
            problems.Add(problem);
        return spec with
        {
            Name = server.Metadata.Name,
            GroupRef = server.Spec.GroupRef?.Name,
            IncomingAuth = incoming,
            Aggregation = ToolsPart.Aggregation(spec.Aggregation, world, problems),
            CompositeTools = ToolsPart.CompositeTools(spec, world, problems),
            CompositeToolRefs = [],
            Telemetry = TelemetryPart.Build(server, world, needs),
            Audit = spec.Audit is { } audit ? audit with { Component = Null(audit.Component) ?? server.Metadata.Name } : null,
            Optimizer = Optimizer(server, world, spec.Optimizer),
            SessionStorage = Sessions(server, settings, needs),
            PassthroughHeaders = PassedHeaders.Of(server, spec),
        };
    }

    // The reference alone switches tool search on (crds 16.2, V-11).
    private static OptimizerConfig? Optimizer(VirtualMCPServer server, World world, OptimizerConfig? written)
    {
        if (server.Spec.EmbeddingServerRef is not { } reference)
            return written;
        string? url = world.EmbeddingServers.TryGetValue(reference.Name, out EmbeddingServer? found) ? Null(found.Status.Url) : null;
        return (written ?? new OptimizerConfig()) with { EmbeddingService = url };
    }

    // What the user says is final: memory means memory, also when the operator has a store for those who say nothing (operator 8.3, 25).
    private static SessionStorageConfig? Sessions(VirtualMCPServer server, OperatorSettings settings, PodNeeds needs)
    {
        if (server.Spec.SessionStorage is { } storage)
        {
            if (storage.Provider != "redis")
                return null;
            if (storage.PasswordRef is { } password)
                needs.Add(EnvGroup.Redis, new EnvVar.FromSecret(RedisPasswordVariable, password.Name, password.Key, Optional: false));
            return new SessionStorageConfig
            {
                Provider = SessionStorageProvider.Redis,
                Address = storage.Address,
                Db = storage.Db,
                KeyPrefix = Null(storage.KeyPrefix),
            };
        }

        if (settings.DefaultRedis is not { } shared)
            return null;
        if (Null(shared.SecretName) is { } secret)
        {
            needs.Add(
                EnvGroup.Redis, new EnvVar.FromSecret(RedisPasswordVariable, secret, Null(shared.SecretKey) ?? DefaultRedisKey, Optional: false));
        }

        return new SessionStorageConfig { Provider = SessionStorageProvider.Redis, Address = shared.Address };
    }

    private static string? Null(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
