using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Logging;
using Vmcp.Config.Reading;
using Vmcp.Gateway;
using Vmcp.Gateway.Hosting;
using Vmcp.TestKit;

namespace Vmcp.EndToEnd.Tests.World;

/// <summary>One backend as a configuration names it.</summary>
/// <param name="Name">Its name, the prefix of its tools.</param>
/// <param name="Url">Its endpoint.</param>
/// <param name="IsSse">Whether it is configured as HTTP+SSE.</param>
public sealed record Member(string Name, Uri Url, bool IsSse = false);

/// <summary>A gateway over given backends, with its log.</summary>
public sealed class GatewayWorld : IAsyncDisposable
{
    private GatewayWorld(GatewayServer server, LogBook log) => (Server, Log) = (server, log);

    /// <summary>The gateway.</summary>
    public GatewayServer Server { get; }

    /// <summary>What it logged.</summary>
    public LogBook Log { get; }

    /// <summary>The MCP endpoint.</summary>
    public Uri Url => Server.McpUrl;

    /// <summary>Starts a gateway and waits until the backends in <paramref name="ready"/> (all by default) are listed.</summary>
    public static async Task<GatewayWorld> StartAsync(
        IReadOnlyCollection<Member> members, GatewayOptions? options = null, string moreYaml = "", IReadOnlyCollection<string>? ready = null)
    {
        StringBuilder yaml = new("name: vmcp\nbackends:\n");
        foreach (Member member in members)
            yaml.Append($"  - name: {member.Name}\n    url: {member.Url}\n    transport: {(member.IsSse ? "sse" : "streamable-http")}\n");
        LoadedConfig? config = LoadedConfig.Load(
            yaml.Append(moreYaml).ToString(), "vmcp.yaml", _ => null, 1, out ImmutableArray<ConfigProblem> problems);
        if (config is null)
            throw new InvalidOperationException(string.Join('\n', problems));
        LogBook log = new();
        GatewayServer server = await GatewayServer.StartAsync(
            new GatewayStart
            {
                Config = config,
                Port = 0,
                Options = options ?? new GatewayOptions(),
                Logging = logging => logging.ClearProviders().AddProvider(log),
            },
            CancellationToken.None);
        GatewayWorld world = new(server, log);
        foreach (string name in ready ?? [.. members.Select(m => m.Name)])
        {
            await Eventually.BecomesAsync(
                () => server.Fleet.Current.Backends.TryGetValue(name, out var view) && view.Listed, $"backend {name} is listed");
        }

        return world;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
