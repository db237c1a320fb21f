using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Writing;
using Vmcp.Discovery.Manifests;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Settings;
using Vmcp.Resources;

namespace Vmcp.Cli.Planning;

/// <summary>What the operator would write into the configuration of a gateway whose VirtualMCPServer is in a directory.</summary>
internal static class ServerDocument
{
    private static readonly ResourceType[] Read = [.. ToolHive.All, BuiltIn.Secret, BuiltIn.ConfigMap];

    /// <summary>
    /// <c>config.yaml</c> in discovered mode, whatever mode the server asks for, without credentials: those come from the resources themselves.
    /// </summary>
    /// <exception cref="ManifestException">The operator would refuse the server.</exception>
    public static string Of(ManifestDirectory directory, ManifestTarget target)
    {
        ManifestSet set = ManifestSet.Of(
            Read.SelectMany(directory.ObjectsOf).Select(o => new YamlDocument(o.ToJsonObject(), $"{o.Kind} {o.Key}", 1)), target.Namespace);
        OfflineWorld world = new(set, target.Namespace);
        VirtualMCPServer server = world.Servers.FirstOrDefault(s => s.Key.Name == target.Server)
            ?? throw new ManifestException($"VirtualMCPServer \"{target.Namespace}/{target.Server}\" is gone");
        VirtualMCPServer discovered = server with
        {
            Spec = server.Spec with { OutgoingAuth = (server.Spec.OutgoingAuth ?? new OutgoingAuthSpec()) with { Source = "discovered" } },
        };
        ServerPlan plan = VirtualServerPlanner.Plan(discovered, world.Of(discovered), OperatorSettings.Default);
        if (plan.Outcome == PlanOutcome.Hold || OfflinePlan.Document(plan) is not { } yaml || ConfigReader.Read(yaml, "config.yaml").Config is not { } config)
            throw new ManifestException($"VirtualMCPServer \"{server.Key}\" cannot be served: {plan.Status.Message}");
        return ConfigWriter.Write(
            config with { OutgoingAuth = new OutgoingAuthConfig { Source = OutgoingAuthSource.Discovered } }, new ConfigWriterOptions { WriteDefaults = true });
    }
}
