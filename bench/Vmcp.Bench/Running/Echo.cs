using System.Net;

namespace Vmcp.Bench.Running;

/// <summary>An echo server as a process of its own.</summary>
internal sealed class Echo(string kind, int port, Child child) : IAsyncDisposable
{
    /// <summary>legacy, legacy-sse or modern.</summary>
    public string Kind => kind;

    /// <summary>Its MCP URL.</summary>
    public Uri Url { get; } = new($"http://127.0.0.1:{port}/mcp");

    /// <summary>Its process.</summary>
    public Child Process => child;

    /// <summary>Starts one and waits until it listens.</summary>
    public static async Task<Echo> StartAsync(string kind, CancellationToken cancellationToken, int tools = 1)
    {
        int port = Ports.Next();
        Echo echo = new(kind, port, Child.Start($"echo-{kind}", typeof(Echo).Assembly.Location, "echo", kind, $"{port}", $"{tools}"));
        await Until.AnswersAsync(echo.Url, _ => true, cancellationToken);
        return echo;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => child.DisposeAsync();
}

/// <summary>Waits for servers.</summary>
internal static class Until
{
    private static readonly HttpClient Http = new();

    /// <summary>Asks every 20 ms until the answer is good; gives up after 60 s.</summary>
    public static async Task AnswersAsync(Uri url, Predicate<HttpStatusCode> good, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await Http.GetAsync(url, limit.Token);
                if (good(answer.StatusCode))
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(20, limit.Token);
        }
    }
}
