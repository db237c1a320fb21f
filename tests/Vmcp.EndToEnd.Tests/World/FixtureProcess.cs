using Vmcp.TestKit;

namespace Vmcp.EndToEnd.Tests.World;

/// <summary>The fixture server as a process of its own, so that its memory is not the gateway's.</summary>
public sealed class FixtureProcess : IAsyncDisposable
{
    private readonly TestProcess _process;

    private FixtureProcess(TestProcess process, Uri url) => (_process, Url) = (process, url);

    /// <summary>Its endpoint.</summary>
    public Uri Url { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Starts it; <paramref name="era"/> is <c>legacy</c>, <c>modern</c> or <c>sse</c>.</summary>
    public static async Task<FixtureProcess> StartAsync(string era)
    {
        const string Sign = "listening ";
        string program = Path.Combine(AppContext.BaseDirectory, "Vmcp.Fixture.dll");
        TestProcess process = TestProcess.Start("dotnet", [program, "--era", era]);
        string line = await process.WaitForLineAsync(Sign);
        return new FixtureProcess(process, new Uri(line[(line.IndexOf(Sign, StringComparison.Ordinal) + Sign.Length)..]));
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
