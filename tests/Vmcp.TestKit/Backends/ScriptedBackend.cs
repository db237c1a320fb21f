using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;

namespace Vmcp.TestKit;

/// <summary>
/// An MCP server that does exactly what a test says, over real Kestrel on 127.0.0.1. It is strict: what a client does against the rules of
/// the era is answered as those rules say and noted in <see cref="Faults"/>.
/// </summary>
public sealed partial class ScriptedBackend : IAsyncDisposable
{
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly ConcurrentDictionary<Task, byte> _work = new();
    private readonly EraEndpoint _endpoint;
    private readonly BehaviourPlayer _player;
    private WebApplication? _app;
    private CancellationTokenSource _life = new();
    private FreePort? _reserved;
    private Behaviour _behaviour = Behaviour.Normal;
    private int _number;
    private int _inFlight;
    private int _deletes;

    private ScriptedBackend(BackendScript script)
    {
        Script = script;
        CapabilitiesJson = script.CapabilitiesJson ?? DefaultCapabilities(script);
        Methods = new MethodTable(this);
        _player = new BehaviourPlayer(this);
        _endpoint = script.Era switch
        {
            BackendEra.Modern => new ModernEndpoint(this),
            BackendEra.HttpSse => new HttpSseEndpoint(this),
            _ => new LegacyEndpoint(this),
        };
    }

    /// <summary>The endpoint clients are given.</summary>
    public Uri Url => new($"http://127.0.0.1:{Port}{Script.Path}");

    /// <summary>The port; the same after a restart.</summary>
    public int Port { get; private set; }

    /// <summary>How the backend answers now; replace it at any time.</summary>
    public Behaviour Behaviour
    {
        get => Volatile.Read(ref _behaviour);
        set => Volatile.Write(ref _behaviour, value is Behaviour.Huge && Script.Era == BackendEra.HttpSse
            ? throw new NotSupportedException("A huge list is not scripted for HTTP+SSE")
            : value);
    }

    /// <summary>Every HTTP request so far, in order of arrival.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    /// <summary>What clients did against the protocol, in words; a test of a gateway asserts that it is empty.</summary>
    public IReadOnlyList<string> Faults => [.. _faults];

    /// <summary>HTTP requests being served now, open streams included.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Sessions that exist now.</summary>
    public int OpenSessions => _endpoint.OpenSessions;

    /// <summary>Streams that notifications can reach now: GET streams, listen streams or HTTP+SSE streams.</summary>
    public int OpenStreams => _endpoint.OpenStreams;

    /// <summary>DELETE requests seen.</summary>
    public int DeletesSeen => Volatile.Read(ref _deletes);

    /// <summary>Calls whose handler is running now.</summary>
    public int RunningCalls => _endpoint.RunningCalls;

    /// <summary>Raw ids of requests that were cancelled: by notification (legacy) or by leaving (modern).</summary>
    public IReadOnlyList<string> CancelledIds => [.. _endpoint.CancelledIds];

    internal BackendScript Script { get; }

    internal ItemStore Items => Script.Items;

    internal string CapabilitiesJson { get; }

    internal MethodTable Methods { get; }

    /// <summary>Fires when the backend stops; everything that waits ends then.</summary>
    internal CancellationToken Stopping => _life.Token;

    /// <summary>Starts a backend; without a script it is a legacy one with the tool <c>echo</c>.</summary>
    public static async Task<ScriptedBackend> StartAsync(Action<BackendScript>? script = null)
    {
        var written = new BackendScript();
        if (script is null)
            written.Tool("echo");
        else
            script(written);
        var backend = new ScriptedBackend(written);
        await backend.ListenAsync();
        return backend;
    }

    /// <summary>The requests of one JSON-RPC method.</summary>
    public IReadOnlyList<RecordedRequest> RequestsFor(string method) => [.. _requests.Where(r => r.Method == method)];

    /// <summary>Cuts all connections, forgets all sessions and refuses new connections; the port stays ours.</summary>
    public async Task StopAsync()
    {
        if (_app is not { } app)
            return;
        _app = null;
        await _life.CancelAsync();
        using (var now = new CancellationTokenSource(TimeSpan.Zero))
            await app.StopAsync(now.Token);
        await app.DisposeAsync();
        await Task.WhenAll(_work.Keys).WaitAsync(TimeSpan.FromSeconds(10));
        _endpoint.ForgetSessions();
        _reserved = await FreePort.TakeBackAsync(Port);
    }

    /// <summary>Stops if running and listens again on the same port.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        _life.Dispose();
        _life = new CancellationTokenSource();
        await ListenAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _reserved?.Dispose();
        _life.Dispose();
    }

    internal void Fault(string what) => _faults.Enqueue(what);

    internal Behaviour BehaviourFor(string? method, string? tool)
    {
        Behaviour now = Behaviour;
        bool meant = (now.Methods is null || (method is not null && now.Methods.Contains(method)))
            && (now.Tools is null || (tool is not null && now.Tools.Contains(tool)));
        return meant ? now : Behaviour.Normal;
    }

    /// <summary>Keeps a handler's task so that stopping can wait for it. The task must not fail.</summary>
    internal void Track(Task work)
    {
        _work[work] = 0;
        work.ContinueWith(done => _work.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static string DefaultCapabilities(BackendScript script)
    {
        List<string> parts = ["\"logging\":{}", "\"tools\":{\"listChanged\":true}"];
        if (script.Items.List(ItemKind.Prompts).Count > 0)
            parts.Add("\"prompts\":{\"listChanged\":true}");
        if (script.Items.List(ItemKind.Resources).Count + script.Items.List(ItemKind.Templates).Count > 0)
            parts.Add("\"resources\":{\"subscribe\":true,\"listChanged\":true}");
        if (script.Completer is not null)
            parts.Add("\"completions\":{}");
        if (script.Items.List(ItemKind.Tools).Any(t => t.IsTask))
        {
            parts.Add(script.Era == BackendEra.Modern
                ? "\"extensions\":{\"io.modelcontextprotocol/tasks\":{}}"
                : "\"tasks\":{\"list\":{},\"cancel\":{},\"requests\":{\"tools\":{\"call\":{}}}}");
        }

        return "{" + string.Join(',', parts) + "}";
    }

    private async Task ListenAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        _reserved?.Dispose();
        _reserved = null;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, Port);
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.AddServerHeader = false;
        });
        WebApplication app = builder.Build();
        app.Run(ServeAsync);
        await app.StartAsync();
        _app = app;
        IServerAddressesFeature addresses = ((IApplicationBuilder)app).ServerFeatures.Get<IServerAddressesFeature>()!;
        Port = new Uri(addresses.Addresses.First()).Port;
    }

    private async Task ServeAsync(HttpContext http)
    {
        Interlocked.Increment(ref _inFlight);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, Stopping);
        try
        {
            using var buffer = new MemoryStream();
            await http.Request.Body.CopyToAsync(buffer, ended.Token);
            byte[] body = buffer.ToArray();
            RpcMessage? message = body.Length == 0 ? null : RpcMessage.TryParse(body);
            RecordedRequest request = Record(http, body, message);
            if (!await _player.PlayAsync(http, request, message, ended.Token))
                await _endpoint.ServeAsync(http, request, message, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            http.Abort();
        }
        catch (IOException)
        {
            http.Abort(); // the client left while we wrote
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private RecordedRequest Record(HttpContext http, byte[] body, RpcMessage? message)
    {
        var headers = http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        if (http.Request.Method == "DELETE")
            Interlocked.Increment(ref _deletes);
        var request = new RecordedRequest(
            Interlocked.Increment(ref _number),
            http.Request.Method,
            http.Request.Path + http.Request.QueryString,
            headers,
            body,
            message?.Method,
            message?.IdRaw);
        _requests.Enqueue(request);
        return request;
    }
}
