using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Settings;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Tests.Planning;

/// <summary>The server <c>hub</c> of namespace <c>demo</c> with the backends alpha and beta of group <c>team</c> (scenarios, shared fixtures).</summary>
internal static class Hub
{
    public static VirtualMCPServer Discovered { get; } = Server(new VirtualMCPServerSpec { OutgoingAuth = new OutgoingAuthSpec { Source = "discovered" } });

    public static VirtualMCPServer Inline { get; } = Server(new VirtualMCPServerSpec { OutgoingAuth = new OutgoingAuthSpec { Source = "inline" } });

    public static World World { get; } = new()
    {
        Group = new MCPGroup { Metadata = Meta("team"), Status = new MCPGroupStatus { Phase = "Ready" } },
        Servers = [Backend("alpha"), Backend("beta")],
    };

    public static VirtualMCPServer Server(VirtualMCPServerSpec spec) => new()
    {
        Metadata = Meta("hub") with { Uid = "uid-hub", Generation = 7 },
        Spec = spec with
        {
            IncomingAuth = spec.IncomingAuth ?? new IncomingAuthSpec { Type = "anonymous" },
            GroupRef = spec.GroupRef ?? new MCPGroupRef { Name = "team" },
        },
    };

    public static VirtualMCPServer With(this VirtualMCPServer server, Func<VirtualMCPServerSpec, VirtualMCPServerSpec> change) =>
        server with { Spec = change(server.Spec) };

    public static ServerPlan Plan(this VirtualMCPServer server, World? world = null, OperatorSettings? settings = null) =>
        VirtualServerPlanner.Plan(server, world ?? World, settings ?? OperatorSettings.Default);

    public static MCPServer Backend(string name, string? auth = null) => new()
    {
        Metadata = Meta(name),
        Spec = new MCPServerSpec
        {
            Image = "x",
            Transport = "streamable-http",
            GroupRef = new MCPGroupRef { Name = "team" },
            ExternalAuthConfigRef = auth is null ? null : new ExternalAuthConfigRef { Name = auth },
        },
        Status = new MCPServerStatus { Phase = "Ready", Url = $"http://mcp-{name}-proxy.demo.svc.cluster.local:8080/mcp" },
    };

    /// <summary>An auth config that puts key <c>k</c> of a Secret into a header.</summary>
    public static World WithAuth(this World world, string config, string secret) => world with
    {
        ExternalAuthConfigs = world.ExternalAuthConfigs.SetItem(config, new MCPExternalAuthConfig
        {
            Metadata = Meta(config),
            Spec = new MCPExternalAuthConfigSpec
            {
                Type = "headerInjection",
                HeaderInjection = new HeaderInjectionSpec { HeaderName = "X-Key", ValueSecretRef = new SecretKeyRef { Name = secret, Key = "k" } },
            },
        }),
        Secrets = world.Secrets.SetItem(secret, new SecretFacts(["k"], $"{secret}-1")),
    };

    public static ObservedBackend Saw(string name, string status) => new() { Name = name, Status = status };

    public static DesiredObject? Find(this ServerPlan plan, ResourceType type) => plan.Objects.SingleOrDefault(o => o.Type == type);

    public static JsonObject Body(this ServerPlan plan, ResourceType type) =>
        plan.Find(type)?.Body ?? throw new InvalidOperationException($"no {type} in the plan: {plan.Status.Phase}, {plan.Status.Message}");

    public static JsonNode Template(this ServerPlan plan) => plan.Body(BuiltIn.Deployment)["spec"]!["template"]!;

    public static JsonNode Container(this ServerPlan plan) => plan.Template()["spec"]!["containers"]!.AsArray().Single(c => (string)c!["name"]! == "vmcp")!;

    public static string Config(this ServerPlan plan) => (string)plan.Body(BuiltIn.ConfigMap)["data"]!["config.yaml"]!;

    public static PlannedCondition? Condition(this ServerPlan plan, string type) => plan.Status.Conditions.SingleOrDefault(c => c.Type == type);

    public static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement.Clone();

    public static ObjectMeta Meta(string name) => new() { Name = name, Namespace = "demo" };
}
