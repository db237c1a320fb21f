using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Vmcp.Discovery.Tests.Worlds;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.Discovery.Tests.Live;

public sealed class StoryTests
{
    [Fact]
    public async Task The_log_tells_why_a_member_came_and_went()
    {
        Lines log = new();
        await using DiscoveryWorld world = await DiscoveryWorld.StartAsync(edit: o => o with { RetryEvery = TimeSpan.FromMilliseconds(200) }, logs: log);
        ScriptedBackend alpha = await world.BackendAsync();
        await world.Cluster.AuthAsync("key", "X-Key");
        await world.Cluster.ServerAsync("alpha", alpha.Url, auth: "key");
        await log.SaysAsync("is not served");
        await world.Cluster.SecretAsync("key", "one");
        await world.ToolsBecomeAsync("alpha_echo");
        await world.Cluster.ServerAsync("alpha", alpha.Url, auth: "key", group: "other");
        await log.SaysAsync("moved");
        await world.ToolsBecomeAsync();
        await world.Cluster.ServerAsync("alpha", alpha.Url, auth: "key");
        await world.ToolsBecomeAsync("alpha_echo");
        await world.Cluster.DeleteAsync(ToolHive.MCPServer, "alpha");
        await log.SaysAsync("deleted");

        string[] story = [.. log.All.Where(l => l.Contains("ackend alpha", StringComparison.Ordinal))];
        story.Length.ShouldBe(5, string.Join('\n', story));
        story[0].ShouldStartWith("Warning: Backend alpha is not served: SecretNot");
        story[1].ShouldMatch("^Information: Backend alpha joined: 1 tools.* auth header_injection \\(source: workload\\)$");
        story[2].ShouldBe("Information: Backend alpha left: its MCPServer moved to group \"other\"");
        story[3].ShouldStartWith("Information: Backend alpha joined: ");
        story[4].ShouldBe("Information: Backend alpha left: its MCPServer was deleted");
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyList<string> All => [.. _lines];

        public Task SaysAsync(string part) => Eventually.BecomesAsync(() => _lines.Any(l => l.Contains(part, StringComparison.Ordinal)), $"the log says \"{part}\"");

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue($"{logLevel}: {formatter(state, exception)}");

        public void Dispose()
        {
        }
    }
}
