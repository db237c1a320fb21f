using System.Text.Json;

using Microsoft.Extensions.Logging;

using Vmcp.Config.Reading;
using Vmcp.Core.Backends;
using Vmcp.Gateway.Hosting;
using Vmcp.Gateway.Tests.Live;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests;

/// <summary>A gateway over scripted backends, with clients of both eras. A backend that saw a broken rule fails the test at the end.</summary>
public sealed class TestWorld : IAsyncDisposable
{
    private readonly WorldScript _script;
    private readonly Dictionary<string, ScriptedBackend> _backends = [];
    private readonly List<IAsyncDisposable> _clients = [];
    private readonly HttpClient _http = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("vmcp-world-").FullName;
    private readonly HashSet<string> _forgiven = [];
    private bool _stopped;

    private TestWorld(WorldScript script) => _script = script;

    /// <summary>The running gateway.</summary>
    public GatewayServer Gateway { get; private set; } = null!;

    /// <summary>The MCP endpoint.</summary>
    public Uri Url => Gateway.McpUrl;

    /// <summary>The file the gateway watches.</summary>
    public string ConfigPath => Path.Combine(_directory, "vmcp.yaml");

    /// <summary>The live source, for a world that has one.</summary>
    public ScriptedSource Source => _script.Source!;

    /// <summary>Lines the gateway logged.</summary>
    public LogLines Logs { get; } = new();

    /// <summary>A backend by its name in the file.</summary>
    public ScriptedBackend this[string name] => _backends[name];

    /// <summary>Starts backends, then a gateway over them.</summary>
    public static async Task<TestWorld> StartAsync(Action<WorldScript>? write = null)
    {
        WorldScript script = new();
        if (write is null)
            script.Backend("alpha");
        else
            write(script);
        TestWorld world = new(script);
        try
        {
            string[] started = [.. script.ToStart.Select(s => s.Name)];
            await world.StartBackendsAsync();
            world.Gateway = await world.StartGatewayAsync();
            if (script.WaitForBackends)
                await world.AreListedAsync(started);
            return world;
        }
        catch
        {
            world._forgiven.UnionWith(world._backends.Keys);
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>The usual world of one backend of this kind, named <c>alpha</c>.</summary>
    public static Task<TestWorld> OneAsync(string back, Action<BackendScript>? script = null, Action<WorldScript>? more = null) => StartAsync(w =>
    {
        w.Backend("alpha", s =>
        {
            Eras.Apply(s, back);
            if (script is null)
                s.Tool("echo");
            else
                script(s);
        });
        more?.Invoke(w);
    });

    /// <summary>Starts one more gateway over the same file, as a replica would.</summary>
    public Task<GatewayServer> StartGatewayAsync(Func<GatewayOptions, GatewayOptions>? options = null)
    {
        // A file without backends is refused at start; what the gateway does then is still a promise (a source may become empty).
        bool empty = _script.Entries.Count == 0;
        if (empty)
            _script.Elsewhere("nobody", new Uri("http://127.0.0.1:9/mcp"));
        string yaml = _script.ToYaml();
        File.WriteAllText(ConfigPath, yaml);
        LoadedConfig loaded = LoadedConfig.Load(yaml, "vmcp.yaml", Env, 1, out var problems)
            ?? throw new InvalidDataException(string.Join('\n', problems.Select(p => p.ToString())) + "\n" + yaml);
        // Tests are patient with users' lists: the machine may be slow, and what is late is a promise of its own.
        GatewayOptions fixedOptions = new() { Name = "vmcp", GroupRef = "demo/team", Version = "1.2.3", ListPatience = TimeSpan.FromSeconds(20) };
        return GatewayServer.StartAsync(
            new GatewayStart
            {
                Config = empty ? loaded with { Backends = new BackendSet(1, []) } : loaded,
                ConfigFile = (ConfigPath, yaml),
                Source = _script.Source,
                Port = 0,
                Env = Env,
                Incoming = _script.Incoming,
                Outgoing = _script.Outgoing,
                Signer = _script.Signer,
                Options = (options ?? _script.Options)(fixedOptions),
                Logging = l => l.ClearProviders().SetMinimumLevel(_script.LogLevel).AddProvider(Logs),
            },
            CancellationToken.None);
    }

    /// <summary>A world whose backends come from a <see cref="ScriptedSource"/>.</summary>
    public static Task<TestWorld> LiveAsync(Action<WorldScript> write) => StartAsync(w =>
    {
        w.Source = new ScriptedSource();
        write(w);
    });

    /// <summary>Starts a backend and has the live source add it.</summary>
    public async Task AddAsync(string name, Action<BackendScript>? script = null)
    {
        _script.Backend(name, script);
        await StartBackendsAsync();
    }

    /// <summary>Starts a backend that no source knows, for example the new home of one.</summary>
    public async Task<ScriptedBackend> StartAsideAsync(string name, Action<BackendScript>? script = null) =>
        _backends[name] = await ScriptedBackend.StartAsync(script);

    /// <summary>The problems the current script has as a file.</summary>
    public static IReadOnlyList<ConfigProblem> Problems(Action<WorldScript> write)
    {
        WorldScript script = new();
        write(script);
        LoadedConfig.Load(script.ToYaml(), "vmcp.yaml", name => script.Env.GetValueOrDefault(name), 1, out var problems);
        return problems;
    }

    /// <summary>Changes the script, starts what is new and rewrites the file.</summary>
    public async Task EditAsync(Action<WorldScript> change)
    {
        change(_script);
        await StartBackendsAsync();
        await WriteFileAsync(_script.ToYaml());
    }

    /// <summary>Changes the script and waits until the gateway took the new file.</summary>
    public async Task EditAndApplyAsync(Action<WorldScript> change)
    {
        long generation = GenerationOf(await StatusAsync());
        await EditAsync(change);
        JsonElement status = await Eventually.ReadsAsync(
            StatusAsync, s => GenerationOf(s) > generation || s.GetProperty("config").TryGetProperty("last_reload_error", out _), "the file was read");
        if (status.GetProperty("config").TryGetProperty("last_reload_error", out JsonElement error))
            throw new InvalidOperationException($"The edit was refused: {error}");
    }

    /// <summary>Replaces the file's text in one step.</summary>
    public async Task WriteFileAsync(string text)
    {
        string next = ConfigPath + ".next";
        await File.WriteAllTextAsync(next, text);
        File.Move(next, ConfigPath, overwrite: true);
    }

    /// <summary>Waits until the catalog shows these backends.</summary>
    public Task AreListedAsync(params string[] names) => Eventually.BecomesAsync(
        () => names.All(n => Gateway.Fleet.Current.Backends.TryGetValue(n, out var view) && view.Listed), $"{string.Join(", ", names)} listed");

    /// <summary>Waits until <c>/status</c> gives a backend this health; returns its entry.</summary>
    public async Task<JsonElement> HealthBecomesAsync(string name, string health, TimeSpan? limit = null) =>
        BackendOf(await Eventually.ReadsAsync(StatusAsync, s => BackendOf(s, name).GetProperty("health").GetString() == health, $"{name} {health}", limit), name);

    /// <summary>An entry of <c>/status</c>.</summary>
    public static JsonElement BackendOf(JsonElement status, string name) =>
        status.GetProperty("backends").EnumerateArray().Single(b => b.GetProperty("name").GetString() == name);

    /// <summary><c>/status</c> as JSON.</summary>
    public Task<JsonElement> StatusAsync() => GetJsonAsync("/status");

    /// <summary>A path of the gateway as JSON.</summary>
    public async Task<JsonElement> GetJsonAsync(string path)
    {
        using HttpResponseMessage response = await GetAsync(path);
        using JsonDocument document = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return document.RootElement.Clone();
    }

    /// <summary>A GET of the gateway.</summary>
    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(new Uri(Gateway.BaseUrl, path));

    /// <summary>Any request to the gateway.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

    /// <summary>A connected Legacy client.</summary>
    public async Task<LegacyClient> LegacyAsync(
        string version = "2025-11-25", string capabilities = "{}", IDictionary<string, string>? headers = null, Uri? url = null) =>
        Keep(await LegacyClient.ConnectAsync(url ?? Url, version, capabilities, headers));

    /// <summary>A Modern client.</summary>
    public ModernClient Modern(string capabilities = "{}", IDictionary<string, string>? headers = null, Uri? url = null) =>
        Keep(new ModernClient(url ?? Url, capabilities, headers));

    /// <summary>A client of any revision.</summary>
    public async Task<Front> ConnectAsync(string revision, string capabilities = "{}", IDictionary<string, string>? headers = null) =>
        revision == ModernWire.Revision
            ? new Front(Modern(capabilities, headers))
            : new Front(await LegacyAsync(revision, capabilities, headers));

    /// <summary>Disposes it with the world.</summary>
    public T Keep<T>(T client)
        where T : IAsyncDisposable
    {
        _clients.Add(client);
        return client;
    }

    /// <summary>What this backend sees is not to be judged: the test provokes it.</summary>
    public void Forgive(string name) => _forgiven.Add(name);

    /// <summary>Stops the gateway as SIGTERM would.</summary>
    public async Task StopGatewayAsync()
    {
        _stopped = true;
        await Gateway.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable client in _clients)
            await client.DisposeAsync();
        if (!_stopped && Gateway is not null)
            await Gateway.DisposeAsync();
        foreach (ScriptedBackend backend in _backends.Values)
            await backend.DisposeAsync();
        foreach (object auth in (object[])[_script.Incoming, _script.Outgoing])
        {
            if (auth is IAsyncDisposable ending)
                await ending.DisposeAsync();
            else
                (auth as IDisposable)?.Dispose();
        }

        _http.Dispose();
        Directory.Delete(_directory, recursive: true);
        string[] faults = [.. _backends.Where(b => !_forgiven.Contains(b.Key)).SelectMany(b => b.Value.Faults.Select(f => $"{b.Key}: {f}"))];
        if (faults.Length > 0)
            throw new InvalidOperationException("Backends saw broken rules:\n" + string.Join('\n', faults));
    }

    private static long GenerationOf(JsonElement status) => status.GetProperty("config").GetProperty("generation").GetInt64();

    private string? Env(string name) => _script.Env.GetValueOrDefault(name);

    private async Task StartBackendsAsync()
    {
        foreach ((string name, Action<BackendScript> script) in _script.ToStart)
        {
            BackendEra era = BackendEra.Legacy;
            ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
            {
                script(s);
                era = s.Era;
            });
            _backends[name] = backend;
            backend.Behaviour = _script.Behaviours.GetValueOrDefault(name, Behaviour.Normal);
            if (_script.Source is { } source)
            {
                BackendTransport transport = era == BackendEra.HttpSse ? BackendTransport.Sse : BackendTransport.StreamableHttp;
                source.Put(new Backend { Name = name, Url = backend.Url, Transport = transport, Timeout = TimeSpan.FromSeconds(20), Strategy = _script.Strategies.GetValueOrDefault(name) ?? Strategy.None });
                continue;
            }

            _script.Elsewhere(name, backend.Url, era == BackendEra.HttpSse ? "sse" : "streamable-http");
        }

        _script.ToStart.Clear();
    }
}
