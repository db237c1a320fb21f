using System.Net;

namespace Vmcp.Bench.Running;

/// <summary>The gateway as built, over some backends.</summary>
internal sealed class GatewayProcess(int port, Child child) : IAsyncDisposable
{
    /// <summary>Its MCP URL.</summary>
    public Uri Url { get; } = new($"http://127.0.0.1:{port}/mcp");

    /// <summary>Where it says what it knows.</summary>
    public Uri Status { get; } = new($"http://127.0.0.1:{port}/status");

    /// <summary>Its process.</summary>
    public Child Process => child;

    /// <summary>Starts it with a configuration and waits until it is ready.</summary>
    /// <param name="name">Names its files.</param>
    /// <param name="yaml">The configuration.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<GatewayProcess> StartAsync(string name, string yaml, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Artifacts.Folder);
        string file = Path.Combine(Artifacts.Folder, name + ".yaml");
        await File.WriteAllTextAsync(file, yaml, cancellationToken);
        int port = Ports.Next();
        GatewayProcess gateway = new(port, Child.Start(name, Artifacts.Gateway, "serve", "-c", file, "--port", $"{port}"));
        await Until.AnswersAsync(new Uri($"http://127.0.0.1:{port}/readyz"), s => s == HttpStatusCode.OK, cancellationToken);
        return gateway;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => child.DisposeAsync();
}

/// <summary>Configurations to measure.</summary>
internal static class Configurations
{
    /// <summary>No login; each backend by its name, without a credential or with the block given.</summary>
    /// <param name="backends">Names and URLs.</param>
    /// <param name="incoming">Who comes in, as YAML.</param>
    /// <param name="outgoing">As whom all backends are called, as YAML under <c>default</c>; null for nobody.</param>
    public static string Of(IEnumerable<(string Name, Uri Url)> backends, string incoming = "{type: anonymous}", string? outgoing = null) =>
        $"""
        name: bench
        groupRef: bench
        incomingAuth: {incoming}
        outgoingAuth:
          source: inline
        {(outgoing is null ? "" : $"  default: {outgoing}\n")}backends:
        {string.Join('\n', backends.Select(b => $"  - {{name: {b.Name}, url: \"{b.Url}\", transport: streamable-http}}"))}
        """;
}
