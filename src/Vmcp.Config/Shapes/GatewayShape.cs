using Vmcp.Config.Model;
using Vmcp.Core.Backends;

namespace Vmcp.Config.Shapes;

/// <summary>Keys of the whole document, in the order they are written (vmcp-runtime 1.2).</summary>
internal static class GatewayShape
{
    private static readonly WordKind<BackendTransport> Transports = new(
        "a transport",
        ("streamable-http", BackendTransport.StreamableHttp),
        ("streamable", BackendTransport.StreamableHttp),
        ("sse", BackendTransport.Sse));

    private static readonly WordKind<BackendKind> BackendKinds = new("a backend type", ("entry", BackendKind.Entry));

    private static readonly WordKind<OutgoingAuthSource> Sources = new(
        "a source",
        ("inline", OutgoingAuthSource.Inline),
        ("discovered", OutgoingAuthSource.Discovered));

    public static readonly Shape<BackendConfig> Backend = new(
        new BackendConfig(),
        Field.Of<BackendConfig, string>("name", Kinds.Text, x => x.Name, (x, v) => x with { Name = v }),
        Field.Of<BackendConfig, string>("url", Kinds.Text, x => x.Url, (x, v) => x with { Url = v }),
        Field.Value<BackendConfig, BackendTransport>("transport", Transports, x => x.Transport, (x, v) => x with { Transport = v }),
        new OptionalWordField<BackendConfig, BackendKind>("type", BackendKinds, x => x.Type, (x, v) => x with { Type = v }),
        Field.Of<BackendConfig, string>("caBundlePath", Kinds.Text, x => x.CaBundlePath, (x, v) => x with { CaBundlePath = v }),
        Field.Map<BackendConfig, string>("metadata", Kinds.Text, x => x.Metadata, (x, v) => x with { Metadata = v }),
        new OwnAuthField());

    public static readonly Shape<OutgoingAuthConfig> Outgoing = new(
        new OutgoingAuthConfig(),
        Field.Value<OutgoingAuthConfig, OutgoingAuthSource>("source", Sources, x => x.Source, (x, v) => x with { Source = v }),
        Field.Of<OutgoingAuthConfig, StrategyConfig>("default", StrategyShapes.Strategy, x => x.Default, (x, v) => x with { Default = v }),
        Field.Map<OutgoingAuthConfig, StrategyConfig>("backends", StrategyShapes.Strategy, x => x.Backends, (x, v) => x with { Backends = v }));

    public static readonly Shape<GatewayConfig> Gateway = new(
        new GatewayConfig(),
        Field.Of<GatewayConfig, string>("name", Kinds.Text, x => x.Name, (x, v) => x with { Name = v }),
        Field.Of<GatewayConfig, string>("groupRef", Kinds.Text, x => x.GroupRef, (x, v) => x with { GroupRef = v }),
        Field.List<GatewayConfig, BackendConfig>("backends", Backend, x => x.Backends, (x, v) => x with { Backends = v }),
        Field.Of<GatewayConfig, IncomingAuthConfig>("incomingAuth", IncomingShapes.Incoming, x => x.IncomingAuth, (x, v) => x with { IncomingAuth = v }),
        Field.Of<GatewayConfig, OutgoingAuthConfig>("outgoingAuth", Outgoing, x => x.OutgoingAuth, (x, v) => x with { OutgoingAuth = v }),
        Field.Of<GatewayConfig, AggregationConfig>("aggregation", AggregationShapes.Aggregation, x => x.Aggregation, (x, v) => x with { Aggregation = v }),
        Field.List<GatewayConfig, CompositeToolConfig>("compositeTools", CompositeShapes.CompositeTool, x => x.CompositeTools, (x, v) => x with { CompositeTools = v }),
        Field.List<GatewayConfig, NameRef>("compositeToolRefs", AggregationShapes.Name, x => x.CompositeToolRefs, (x, v) => x with { CompositeToolRefs = v }),
        Field.Of<GatewayConfig, OperationalConfig>("operational", OperationalShapes.Operational, x => x.Operational, (x, v) => x with { Operational = v }),
        Field.Map<GatewayConfig, string>("metadata", Kinds.Text, x => x.Metadata, (x, v) => x with { Metadata = v }),
        Field.Of<GatewayConfig, TelemetryConfig>("telemetry", FeatureShapes.Telemetry, x => x.Telemetry, (x, v) => x with { Telemetry = v }),
        Field.Of<GatewayConfig, AuditConfig>("audit", FeatureShapes.Audit, x => x.Audit, (x, v) => x with { Audit = v }),
        Field.Of<GatewayConfig, OptimizerConfig>("optimizer", FeatureShapes.Optimizer, x => x.Optimizer, (x, v) => x with { Optimizer = v }),
        Field.Of<GatewayConfig, CodeModeConfig>("codeMode", FeatureShapes.CodeMode, x => x.CodeMode, (x, v) => x with { CodeMode = v }),
        Field.Of<GatewayConfig, SessionStorageConfig>("sessionStorage", FeatureShapes.SessionStorage, x => x.SessionStorage, (x, v) => x with { SessionStorage = v }),
        Field.Of<GatewayConfig, RateLimitingConfig>("rateLimiting", FeatureShapes.RateLimiting, x => x.RateLimiting, (x, v) => x with { RateLimiting = v }),
        Field.List<GatewayConfig, string>("passthroughHeaders", Kinds.Text, x => x.PassthroughHeaders, (x, v) => x with { PassthroughHeaders = v }));
}
