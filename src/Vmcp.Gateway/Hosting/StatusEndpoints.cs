using Microsoft.AspNetCore.Http;

using Vmcp.Auth.Incoming;
using Vmcp.Core.Backends;
using Vmcp.Core.Status;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Front;
using Vmcp.Gateway.Sessions;

namespace Vmcp.Gateway.Hosting;

/// <summary>What the configuration watcher last did, for the status report.</summary>
public sealed class ConfigState
{
    private volatile ConfigReport _report = new();

    /// <summary>The state now.</summary>
    public ConfigReport Report
    {
        get => _report;
        set => _report = value;
    }
}

/// <summary>Draws the one picture of now and serves it (vmcp-runtime 3.2 to 3.4).</summary>
public sealed class StatusEndpoints(BackendFleet fleet, BackendFeed feed, SessionTable sessions, GatewayOptions options, ConfigState config, IIncomingAuth incoming, Drain drain)
{
    private static readonly byte[] Ok = """{"status":"ok"}"""u8.ToArray();

    /// <summary>The report of this moment.</summary>
    public StatusReport Report() => Report(fleet.Current);

    /// <summary>The report of this moment, about a snapshot that was taken already.</summary>
    public StatusReport Report(GatewaySnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        SourcePicture? source = feed.Picture;
        return new StatusReport
        {
            Name = options.Name,
            Version = options.Version,
            GroupRef = options.GroupRef,
            Mode = source is null ? GatewayMode.Inline : GatewayMode.Discovered,
            MonitoringEnabled = options.MonitorHealth,
            Readiness = Ready(snapshot),
            Source = source?.State,
            Unserved = source?.Unserved ?? [],
            Incoming = incoming.Report,
            Config = config.Report,
            Backends = [.. snapshot.Backends.Values.OrderBy(v => v.Handle.Backend.Name, StringComparer.Ordinal).Select(Report)],
            Catalog = CatalogReport.From(snapshot.Catalog),
            Sessions = sessions.Count,
        };
    }

    /// <summary>Serves a path of ours; false when it is none.</summary>
    public async ValueTask<bool> TryServeAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/health" or "/healthz" or "/livez" or "/ping":
                await HttpAnswers.JsonAsync(context, 200, Ok).ConfigureAwait(false);
                return true;
            case "/readyz":
                StatusReport report = Report();
                await HttpAnswers.JsonAsync(context, report.Readiness.IsReady ? 200 : 503, StatusJson.Readyz(report)).ConfigureAwait(false);
                return true;
            case "/status":
                await StatusAsync(context).ConfigureAwait(false);
                return true;
            case "/api/backends/health":
                Protect(context);
                await HttpAnswers.JsonAsync(context, 200, StatusJson.BackendsHealth(Report())).ConfigureAwait(false);
                return true;
            default:
                return false;
        }
    }

    private Readiness Ready(GatewaySnapshot snapshot)
    {
        if (drain.HasBegun)
            return new Readiness(false, "draining");
        // Word and order as in vmcp-runtime 3.2; a source that was in step once stays good enough to serve from.
        if (!feed.Settled)
            return new Readiness(false, feed.Picture is null ? "backends_pending" : "cache_sync_pending");
        return snapshot.Settings.FailOnPartialFailure && !fleet.AllReached ? new Readiness(false, "backends_pending") : Readiness.Yes;
    }

    private async Task StatusAsync(HttpContext context)
    {
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            await HttpAnswers.TextAsync(context, StatusCodes.Status405MethodNotAllowed, "Method Not Allowed").ConfigureAwait(false);
            return;
        }

        Protect(context);
        await HttpAnswers.JsonAsync(context, 200, StatusJson.Status(Report())).ConfigureAwait(false);
    }

    private static void Protect(HttpContext context)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
    }

    private static BackendReport Report(BackendView view) => new()
    {
        Name = view.Handle.Backend.Name,
        Transport = view.Handle.Backend.Transport,
        AuthType = view.Handle.Backend.Strategy.Type,
        AuthSource = view.Handle.Backend.AuthSource,
        Revision = view.Capabilities?.Revision,
        State = view.Health,
        Breaker = view.Handle.Gate.State,
        Listed = view.Listed,
        IsPerUser = view.IsPerUser,
        Tools = view.Capabilities?.Tools.Length ?? 0,
        Resources = view.Capabilities?.Resources.Length ?? 0,
        ResourceTemplates = view.Capabilities?.ResourceTemplates.Length ?? 0,
        Prompts = view.Capabilities?.Prompts.Length ?? 0,
    };
}
