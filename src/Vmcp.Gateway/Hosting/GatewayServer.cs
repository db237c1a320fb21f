using System.Security.Cryptography;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using Vmcp.Core.Status;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Calls;
using Vmcp.Gateway.Dashboard;
using Vmcp.Gateway.Explaining;
using Vmcp.Gateway.Front;
using Vmcp.Gateway.Identities;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Hosting;

/// <summary>The running gateway: Kestrel with our endpoints over the fleet of backends.</summary>
public sealed class GatewayServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _background;
    private readonly Drain _drain;
    private readonly GatewayOptions _options;

    private GatewayServer(WebApplication app, Task background, CancellationTokenSource stop)
    {
        _drain = app.Services.GetRequiredService<Drain>();
        _options = app.Services.GetRequiredService<GatewayOptions>();
        _app = app;
        _background = background;
        _stop = stop;
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        BaseUrl = new Uri(address.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "127.0.0.1", StringComparison.Ordinal));
    }

    /// <summary>Where the server listens, for example <c>http://127.0.0.1:4483/</c>.</summary>
    public Uri BaseUrl { get; }

    /// <summary>The MCP endpoint.</summary>
    public Uri McpUrl => new(BaseUrl, "/mcp");

    /// <summary>The backends and the current snapshot.</summary>
    public BackendFleet Fleet => _app.Services.GetRequiredService<BackendFleet>();

    /// <summary>The sessions.</summary>
    public SessionTable Sessions => _app.Services.GetRequiredService<SessionTable>();

    /// <summary>Catalogs of users.</summary>
    internal IdentityCatalogs IdentityCatalogs => _app.Services.GetRequiredService<IdentityCatalogs>();

    /// <summary>Backend sessions held for Modern clients.</summary>
    public HiddenLinks HiddenLinks => _app.Services.GetRequiredService<HiddenLinks>();

    /// <summary>Calls of Modern clients that wait for input.</summary>
    public ParkedCalls ParkedCalls => _app.Services.GetRequiredService<ParkedCalls>();

    /// <summary>Open <c>subscriptions/listen</c> streams.</summary>
    public ListenStreams ListenStreams => _app.Services.GetRequiredService<ListenStreams>();

    /// <summary>The page to look at; null when it is off.</summary>
    public Uri? DashboardUrl => _app.Services.GetRequiredService<GatewayOptions>().Dashboard ? new Uri(BaseUrl, DashboardEndpoint.Path) : null;

    /// <summary>The server's side of the page.</summary>
    internal DashboardEndpoint Dashboard => _app.Services.GetRequiredService<DashboardEndpoint>();

    /// <summary>The picture of now.</summary>
    public StatusReport Status => _app.Services.GetRequiredService<StatusEndpoints>().Report();

    /// <summary>Starts a gateway; returns when it listens.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    /// <exception cref="InvalidDataException">A CA bundle cannot be read.</exception>
    public static async Task<GatewayServer> StartAsync(GatewayStart start, CancellationToken cancellationToken)
    {
        WebApplication app = Build(start);
        CancellationTokenSource stop = new();
        try
        {
            IServiceProvider services = app.Services;
            BackendFleet fleet = services.GetRequiredService<BackendFleet>();
            Wiring.Join(services, start.Time);
            ConfigState state = services.GetRequiredService<ConfigState>();
            state.Report = new ConfigReport { LoadedAt = start.Time.GetUtcNow() };
            Map(app);
            fleet.Unauthorized = start.Source is { } source ? source.OnUnauthorized : null;
            BackendFeed feed = services.GetRequiredService<BackendFeed>();
            feed.Take(start.Config);
            await fleet.WaitForFirstTriesAsync(start.FirstTries, cancellationToken).ConfigureAwait(false);
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            Task feeding = feed.RunAsync(stop.Token);
            StatusEndpoints status = services.GetRequiredService<StatusEndpoints>();
            Drain drain = services.GetRequiredService<Drain>(); // whoever stays can report better
            Task reporting = start.Reporter is { } reporter
                ? reporter(status.Report, drain.Streams)
                : services.GetRequiredService<StatusReporter>().RunAsync(drain.Streams);
            Task watching = start.ConfigFile is { } file
                ? new ConfigWatcher(
                    file.Path, file.Text, start, feed, state, services.GetRequiredService<ILogger<ConfigWatcher>>())
                    .RunAsync(stop.Token)
                : Task.CompletedTask;
            return new GatewayServer(app, Task.WhenAll(feeding, reporting, watching), stop);
        }
        catch
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await app.DisposeAsync().ConfigureAwait(false);
            stop.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Ends streams gracefully, goes on answering until calls have finished and nobody sends any more (for a while), then stops listening and
    /// closes backend sessions.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource limit = new(_options.DrainLimit);
        await _drain.BeginAsync().ConfigureAwait(false);
        await _drain.WaitForQuietAsync(_options.DrainQuiet, limit.Token).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _app.StopAsync(limit.Token).ConfigureAwait(false);
        await _background.ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private static WebApplication Build(GatewayStart start)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseSockets(InlineSockets.Follow).ConfigureKestrel(kestrel => Configure(kestrel, start));
        start.Logging(builder.Logging);
        // With a logger to write to, hosting makes an Activity and a log scope for each request, and every await after it carries them along.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = start.Options.DrainLimit);
        AddServices(builder.Services, start);
        return builder.Build();
    }

    private static void Configure(KestrelServerOptions kestrel, GatewayStart start)
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(start.Address, start.Port);
        kestrel.Limits.MaxRequestBodySize = JsonLimits.MaxClientBody;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(120);
        kestrel.Limits.MaxRequestHeadersTotalSize = 64 * 1024;
        // A call may be quiet for as long as its backend may think: no deadline on the response.
        kestrel.Limits.MinResponseDataRate = null;
    }

    private static void AddServices(IServiceCollection services, GatewayStart start)
    {
        GatewayOptions options = start.Options;
        byte[] secret = options.SessionSecret ?? RandomNumberGenerator.GetBytes(32);
        services.AddSingleton<IHostLifetime, OwnersLifetime>();
        services.AddSingleton(options);
        services.AddSingleton(start.Time);
        services.AddSingleton<TaskTracker>();
        services.AddSingleton<Drain>();
        services.AddSingleton<ConfigState>();
        services.AddSingleton(s => new BackendFleet(options, start.Signer ?? start.Outgoing.SignAsync, start.Time, s.GetRequiredService<ILogger<BackendFleet>>()));
        services.AddSingleton(s => new BackendFeed(
            s.GetRequiredService<BackendFleet>(), start.Source, start.Config, start.Time, s.GetRequiredService<ILogger<BackendFeed>>()));
        services.AddSingleton(s => new SessionTable(options, new Seal(secret, "session id", options.Name), s.GetRequiredService<TaskTracker>(), start.Time));
        services.AddSingleton(_ => new BackendStates(new Seal(secret, "backend's request state", options.Name)));
        services.AddSingleton(s => new ParkedCalls(new Seal(secret, "request state", options.Name), options, s.GetRequiredService<TaskTracker>(), start.Time));
        services.AddSingleton<IdentityCatalogs>();
        services.AddSingleton<HiddenLinks>();
        services.AddSingleton<TaskRoutes>();
        services.AddSingleton<LegacyCalls>();
        services.AddSingleton<ModernCalls>();
        services.AddSingleton<ServerCard>();
        services.AddSingleton<LegacyEndpoint>();
        services.AddSingleton<ListenStreams>();
        services.AddSingleton<ModernEndpoint>();
        services.AddSingleton<SessionStream>();
        services.AddSingleton(start.Incoming);
        services.AddSingleton<IncomingGate>();
        services.AddSingleton<ResourceMetadata>();
        services.AddSingleton<McpEndpoint>();
        services.AddSingleton<RequestGuards>();
        services.AddSingleton<StatusEndpoints>();
        services.AddSingleton<StatusReporter>();
        services.AddSingleton<ChangeLog>();
        services.AddSingleton<DashboardFeed>();
        services.AddSingleton<DashboardEndpoint>();
        services.AddSingleton<CatalogVerdicts>();
        services.AddSingleton<CatalogEndpoint>();
    }

    private static void Map(WebApplication app)
    {
        RequestGuards guards = app.Services.GetRequiredService<RequestGuards>();
        StatusEndpoints status = app.Services.GetRequiredService<StatusEndpoints>();
        McpEndpoint mcp = app.Services.GetRequiredService<McpEndpoint>();
        DashboardEndpoint dashboard = app.Services.GetRequiredService<DashboardEndpoint>();
        CatalogEndpoint catalog = app.Services.GetRequiredService<CatalogEndpoint>();
        ResourceMetadata metadata = app.Services.GetRequiredService<ResourceMetadata>();
        Drain drain = app.Services.GetRequiredService<Drain>();
        ILogger logger = app.Services.GetRequiredService<ILogger<GatewayServer>>();
        app.Run(async context =>
        {
            try
            {
                drain.Announce(context);
                // Public by its nature and the same for everybody: any page may read it, so it stands before the guards.
                if (await metadata.TryServeAsync(context).ConfigureAwait(false))
                    return;
                if (!await guards.AdmitAsync(context).ConfigureAwait(false))
                    return;
                if (context.Request.Path.Value is "/mcp" or "/")
                    await HandleAsync(context, mcp, drain).ConfigureAwait(false);
                else if (context.Request.Path.Value == CatalogEndpoint.Path)
                    await catalog.ServeAsync(context).ConfigureAwait(false);
                else if (!await status.TryServeAsync(context).ConfigureAwait(false) && !await dashboard.TryServeAsync(context, drain.Streams).ConfigureAwait(false))
                    await NotFoundAsync(context).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The client is gone.
            }
            catch (Microsoft.AspNetCore.Http.BadHttpRequestException e)
            {
                if (!context.Response.HasStarted)
                    await HttpAnswers.TextAsync(context, e.StatusCode, e.StatusCode == 413 ? "Request Entity Too Large" : "Bad Request").ConfigureAwait(false);
            }
#pragma warning disable CA1031 // One request must not take the process down; the bug is logged with its stack.
            catch (Exception e)
#pragma warning restore CA1031
            {
                logger.RequestFailed(context.Request.Path, e);
                if (!context.Response.HasStarted)
                    await HttpAnswers.RpcErrorAsync(context, 500, default, JsonRpcCodes.InternalError, "internal error").ConfigureAwait(false);
                else
                    context.Abort();
            }
        });
    }

    private static async Task HandleAsync(HttpContext context, McpEndpoint mcp, Drain drain)
    {
        using Drain.Request request = drain.Enter();
        await mcp.HandleAsync(context, drain.Streams).ConfigureAwait(false);
    }

    private static Task NotFoundAsync(HttpContext context) => context.Request.Path.StartsWithSegments("/.well-known", StringComparison.Ordinal)
        ? HttpAnswers.JsonAsync(context, 404, """{"error":"not_found"}"""u8.ToArray())
        : HttpAnswers.TextAsync(context, 404, "Not Found");

    /// <summary>Signals belong to the program that started us, not to this server.</summary>
    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
