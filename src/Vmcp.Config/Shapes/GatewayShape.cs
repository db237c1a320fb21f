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

    public static readonly Shape<BackendConfig> Backend = new Shape<BackendConfig>(new BackendConfig())
        .Text("name", x => x.Name, (x, v) => x with { Name = v })
        .Text("url", x => x.Url, (x, v) => x with { Url = v })
        .Value("transport", Transports, x => x.Transport, (x, v) => x with { Transport = v })
        .OptionalWord("type", BackendKinds, x => x.Type, (x, v) => x with { Type = v })
        .Text("caBundlePath", x => x.CaBundlePath, (x, v) => x with { CaBundlePath = v })
        .TextMap("metadata", x => x.Metadata, (x, v) => x with { Metadata = v })
        .Add(new OwnAuthField());

    public static readonly Shape<OutgoingAuthConfig> Outgoing = new Shape<OutgoingAuthConfig>(new OutgoingAuthConfig())
        .Value("source", Sources, x => x.Source, (x, v) => x with { Source = v })
        .Of("default", StrategyShapes.Strategy, x => x.Default, (x, v) => x with { Default = v })
        .Map("backends", StrategyShapes.Strategy, x => x.Backends, (x, v) => x with { Backends = v });

    public static readonly Shape<GatewayConfig> Gateway = new Shape<GatewayConfig>(new GatewayConfig())
        .Text("name", x => x.Name, (x, v) => x with { Name = v })
        .Text("groupRef", x => x.GroupRef, (x, v) => x with { GroupRef = v })
        .List("backends", Backend, x => x.Backends, (x, v) => x with { Backends = v })
        .Of("incomingAuth", IncomingShapes.Incoming, x => x.IncomingAuth, (x, v) => x with { IncomingAuth = v })
        .Of("outgoingAuth", Outgoing, x => x.OutgoingAuth, (x, v) => x with { OutgoingAuth = v })
        .Of("aggregation", AggregationShapes.Aggregation, x => x.Aggregation, (x, v) => x with { Aggregation = v })
        .List("compositeTools", CompositeShapes.CompositeTool, x => x.CompositeTools, (x, v) => x with { CompositeTools = v })
        .List("compositeToolRefs", AggregationShapes.Name, x => x.CompositeToolRefs, (x, v) => x with { CompositeToolRefs = v })
        .Of("operational", OperationalShapes.Operational, x => x.Operational, (x, v) => x with { Operational = v })
        .TextMap("metadata", x => x.Metadata, (x, v) => x with { Metadata = v })
        .Of("telemetry", FeatureShapes.Telemetry, x => x.Telemetry, (x, v) => x with { Telemetry = v })
        .Of("audit", FeatureShapes.Audit, x => x.Audit, (x, v) => x with { Audit = v })
        .Of("optimizer", FeatureShapes.Optimizer, x => x.Optimizer, (x, v) => x with { Optimizer = v })
        .Of("codeMode", FeatureShapes.CodeMode, x => x.CodeMode, (x, v) => x with { CodeMode = v })
        .Of("sessionStorage", FeatureShapes.SessionStorage, x => x.SessionStorage, (x, v) => x with { SessionStorage = v })
        .Of("rateLimiting", FeatureShapes.RateLimiting, x => x.RateLimiting, (x, v) => x with { RateLimiting = v })
        .Texts("passthroughHeaders", x => x.PassthroughHeaders, (x, v) => x with { PassthroughHeaders = v });
}
