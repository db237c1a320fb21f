using System.Globalization;

using Vmcp.TestKit;

namespace Vmcp.Dashboard.Tests;

/// <summary>The real <c>vmcp serve</c> as a process; started again it has the same port.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly string[] _source;
    private TestProcess? _vmcp;
    private int _port;

    private GatewayProcess(string[] source) => _source = source;

    /// <summary>The MCP endpoint.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>The page.</summary>
    public Uri Dashboard => new(Endpoint, "/dashboard");

    /// <summary>Starts it with these arguments of <c>serve</c>.</summary>
    public static async Task<GatewayProcess> StartAsync(params string[] source)
    {
        GatewayProcess gateway = new(source);
        try
        {
            await gateway.StartAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, at first or again.</summary>
    public async Task StartAsync()
    {
        string[] command = ["exec", Path.Combine(AppContext.BaseDirectory, "vmcp.dll"), "serve", .. _source, "--port", _port.ToString(CultureInfo.InvariantCulture)];
        _vmcp = TestProcess.Start("dotnet", command);
        string line = await _vmcp.WaitForLineAsync(" serving http://");
        Endpoint = new Uri(line.Split(' ').Single(w => w.StartsWith("http://", StringComparison.Ordinal)));
        _port = Endpoint.Port;
    }

    /// <summary>Stops it as SIGTERM does.</summary>
    public async Task StopAsync()
    {
        await _vmcp!.SignalAsync(15);
        (await _vmcp.WaitForExitAsync()).ShouldBe(0, string.Join('\n', _vmcp.Lines));
        await _vmcp.DisposeAsync();
    }

    public ValueTask DisposeAsync() => _vmcp?.DisposeAsync() ?? ValueTask.CompletedTask;
}
