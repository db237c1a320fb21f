using System.Globalization;
using System.Text;

using Vmcp.TestKit;

namespace Vmcp.Dashboard.Tests;

/// <summary>The real <c>vmcp serve</c> over a file, with scripted backends behind it.</summary>
internal sealed class Served : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vmcp-dashboard-tests-");
    private readonly SortedDictionary<string, (string Url, string Transport)> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ScriptedBackend> _backends = [];
    private readonly string _blocks;
    private TestProcess? _vmcp;
    private int _port;

    private Served(string blocks) => _blocks = blocks;

    /// <summary>The MCP endpoint.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>The page.</summary>
    public Uri Dashboard => new(Endpoint, "/dashboard");

    /// <summary>A backend.</summary>
    public ScriptedBackend this[string name] => _backends[name];

    /// <summary>Starts backends and a gateway over them; <paramref name="blocks"/> are further top-level blocks of the file.</summary>
    public static async Task<Served> StartAsync(string blocks, params (string Name, Action<BackendScript> Script)[] backends)
    {
        Served served = new(blocks);
        try
        {
            foreach ((string name, Action<BackendScript> script) in backends)
                await served.StartBackendAsync(name, script);
            await served.WriteFileAsync();
            await served.StartGatewayAsync();
            return served;
        }
        catch
        {
            await served.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one more backend and edits it into the file.</summary>
    public async Task AddAsync(string name, Action<BackendScript> script)
    {
        await StartBackendAsync(name, script);
        await WriteFileAsync();
    }

    /// <summary>Edits an entry that nobody answers into the file.</summary>
    public async Task AddDeadAsync(string name, string url)
    {
        _entries[name] = (url, "streamable-http");
        await WriteFileAsync();
    }

    /// <summary>Starts the gateway, again at the same port when it ran before.</summary>
    public async Task StartGatewayAsync()
    {
        string port = _port.ToString(CultureInfo.InvariantCulture);
        _vmcp = TestProcess.Start("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "vmcp.dll"), "serve", "-c", FilePath, "--port", port]);
        string line = await _vmcp.WaitForLineAsync("serving");
        Endpoint = new Uri(line.Split(' ').Single(w => w.StartsWith("http://", StringComparison.Ordinal)));
        _port = Endpoint.Port;
    }

    /// <summary>Stops the gateway as SIGTERM does.</summary>
    public async Task StopGatewayAsync()
    {
        await _vmcp!.SignalAsync(15);
        (await _vmcp.WaitForExitAsync()).ShouldBe(0, string.Join('\n', _vmcp.Lines));
    }

    public async ValueTask DisposeAsync()
    {
        if (_vmcp is not null)
            await _vmcp.DisposeAsync();
        foreach (ScriptedBackend backend in _backends.Values)
            await backend.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private string FilePath => Path.Combine(_folder.FullName, "vmcp.yaml");

    private async Task StartBackendAsync(string name, Action<BackendScript> script)
    {
        BackendEra era = default;
        ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
        {
            script(s);
            era = s.Era;
        });
        _backends[name] = backend;
        _entries[name] = (backend.Url.ToString(), era == BackendEra.HttpSse ? "sse" : "streamable-http");
    }

    private async Task WriteFileAsync()
    {
        StringBuilder yaml = new("name: eng-gateway\ngroupRef: engineering\nbackends:\n");
        foreach ((string name, (string url, string transport)) in _entries)
            yaml.Append(CultureInfo.InvariantCulture, $"  - {{name: {name}, url: \"{url}\", transport: {transport}}}\n");
        yaml.Append("operational: {failureHandling: {healthCheckInterval: 1s, healthCheckTimeout: 900ms, unhealthyThreshold: 2, circuitBreaker: {enabled: true}}}\n");
        yaml.Append(_blocks);
        string next = FilePath + ".next";
        await File.WriteAllTextAsync(next, yaml.ToString());
        File.Move(next, FilePath, overwrite: true);
    }
}
