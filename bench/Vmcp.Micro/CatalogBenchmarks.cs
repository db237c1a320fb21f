using System.Collections.Frozen;
using System.Text;

using BenchmarkDotNet.Attributes;

using Vmcp.Core.Backends;
using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Health;
using Vmcp.Core.Identity;
using Vmcp.Gateway;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Calls;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Json;

namespace Vmcp.Micro;

/// <summary>The catalog of so many backends with as many tools each: merging it, listing it, finding a tool in it, rewriting the call.</summary>
public class CatalogBenchmarks
{
    private readonly HttpMessageInvoker _nobody = new(new HttpClientHandler());
    private readonly Envelope _list = Messages.Scan("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}"""u8.ToArray());
    private readonly Envelope _legacy = Messages.Scan(Messages.LegacyCall());
    private readonly Envelope _modern = Messages.Scan(Messages.ModernCall());
    private readonly ModernContext _context = new("{}"u8.ToArray(), """{"name":"micro","version":"1"}"""u8.ToArray(), null);
    private MergeInput[] _inputs = [];
    private GatewaySnapshot _snapshot = GatewaySnapshot.Empty;
    private RoutedCall _legacyCall = null!;
    private RoutedCall _modernCall = null!;

    [Params(10, 100)]
    public int Backends { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _inputs = [.. Enumerable.Range(0, Backends).Select(b => new MergeInput($"b{b}", Lists(Backends), Listed: true))];
        Dictionary<string, BackendView> views = _inputs.ToDictionary(i => i.Backend, View);
        _snapshot = new GatewaySnapshot(new GatewaySettings(), Merge(), views.ToFrozenDictionary());
        _legacyCall = Route(_legacy) ?? throw new InvalidOperationException("no route");
        _modernCall = Route(_modern) ?? throw new InvalidOperationException("no route");
    }

    [Benchmark]
    public Catalog Merge() => CatalogMerge.Merge(1, _inputs, new AggregationPolicy());

    [Benchmark]
    public byte[] AnswerList() => Gateway.Front.Lists.Answer(_snapshot, ClientCapabilities.None, CapabilityKind.Tools, _list, default);

    [Benchmark]
    public RoutedCall? FindRoute() => Route(_legacy);

    [Benchmark]
    public object RewriteLegacyToLegacy() => RequestRewriter.SameEra(_legacyCall);

    [Benchmark]
    public object RewriteModernToModern() => RequestRewriter.SameEra(_modernCall);

    [Benchmark]
    public object RewriteLegacyToModern() => RequestRewriter.ToModern(_legacyCall, _legacyCall.Id, _context, default);

    [Benchmark]
    public object RewriteModernToLegacy() => RequestRewriter.ToLegacy(_modernCall);

    private static BackendCapabilities Lists(int tools) => new()
    {
        Revision = "2025-11-25",
        Tools = [.. Enumerable.Range(0, tools).Select(t => new CapabilityItem($"echo{t}", Encoding.UTF8.GetBytes(
            "{\"name\":\"echo" + t + "\",\"description\":\"Says it again.\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"message\":{\"type\":\"string\"}}}}")))],
    };

    private BackendView View(MergeInput input)
    {
        Backend backend = new() { Name = input.Backend, Url = new Uri($"http://127.0.0.1:9/{input.Backend}") };
        BackendHandle handle = new(new BackendHttp(backend, _nobody, static (_, _, _, _) => default), new BreakerGate(new BreakerPolicy(), TimeProvider.System));
        return new BackendView(handle, HealthState.Initial with { Status = HealthStatus.Healthy }, input.Capabilities, Listed: true);
    }

    private RoutedCall? Route(Envelope envelope) =>
        Router.TryRoute(_snapshot, ClientCapabilities.None, envelope, Caller.Anonymous, [], out RoutedCall? call, out _) ? call : null;
}
