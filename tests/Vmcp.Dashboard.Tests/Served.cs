using System.Globalization;
using System.Text;

using Vmcp.TestKit;

namespace Vmcp.Dashboard.Tests;

/// <summary>A gateway over a configuration file, with scripted backends behind it.</summary>
internal sealed class Served : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vmcp-dashboard-tests-");
    private readonly SortedDictionary<string, (string Url, string Transport)> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ScriptedBackend> _backends = [];
    private readonly string _blocks;
    private GatewayProcess? _gateway;

    private Served(string blocks) => _blocks = blocks;

    /// <summary>The gateway.</summary>
    public GatewayProcess Gateway => _gateway!;

    /// <summary>The page.</summary>
    public Uri Dashboard => Gateway.Dashboard;

    /// <summary>A backend.</summary>
    public ScriptedBackend this[string name] => _backends[name];

    private string FilePath => Path.Combine(_folder.FullName, "vmcp.yaml");

    /// <summary>Starts backends and a gateway over them; <paramref name="blocks"/> are further top-level blocks of the file.</summary>
    public static async Task<Served> StartAsync(string blocks, params (string Name, Action<BackendScript> Script)[] backends)
    {
        Served served = new(blocks);
        try
        {
            foreach ((string name, Action<BackendScript> script) in backends)
                await served.StartBackendAsync(name, script);
            await served.WriteFileAsync();
            served._gateway = await GatewayProcess.StartAsync("-c", served.FilePath);
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

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        foreach (ScriptedBackend backend in _backends.Values)
            await backend.DisposeAsync();
        _folder.Delete(recursive: true);
    }

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
