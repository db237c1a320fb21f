using System.Buffers;
using System.IO.Pipelines;
using System.Text;

using Microsoft.AspNetCore.Http;

using Vmcp.Core.Status;
using Vmcp.Gateway.Explaining;
using Vmcp.Gateway.Front;

namespace Vmcp.Gateway.Dashboard;

/// <summary>Serves the page and its event stream, where the dashboard is on.</summary>
/// <param name="feed">Draws the picture.</param>
/// <param name="options">Whether it is on.</param>
/// <param name="time">The clock.</param>
public sealed class DashboardEndpoint(DashboardFeed feed, GatewayOptions options, TimeProvider time)
{
    /// <summary>Where the page is.</summary>
    public const string Path = "/dashboard";

    /// <summary>Event streams open at once.</summary>
    internal const int MaxStreams = 20;

    private const string Refused =
        "Forbidden: the dashboard names hidden tools, so it is shown on the gateway's own machine only; --dashboard on shows it to everybody who reaches the gateway.";

    /// <summary>A viewer that takes nothing for this long has its stream cut: it holds a place others wait for.</summary>
    private static readonly TimeSpan WriteLimit = TimeSpan.FromSeconds(30);

    private readonly Lazy<DashboardPage> _page = new(DashboardPage.Load);
    private int _open;

    /// <summary>What it shows.</summary>
    internal DashboardFeed Feed => feed;

    /// <summary>Streams open now.</summary>
    internal int Streams => Volatile.Read(ref _open);

    /// <summary>Serves a path of ours; false when it is none, or the dashboard is off.</summary>
    public async ValueTask<bool> TryServeAsync(HttpContext context, CancellationToken stopping)
    {
        if (!options.Dashboard || context.Request.Path.Value is not (Path or Path + "/events"))
            return false;
        IHeaderDictionary headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (!options.ShowCatalog && !CatalogEndpoint.IsNear(context))
        {
            await HttpAnswers.TextAsync(context, StatusCodes.Status403Forbidden, Refused).ConfigureAwait(false);
            return true;
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !(HttpMethods.IsHead(context.Request.Method) && context.Request.Path.Value == Path))
        {
            headers.Allow = context.Request.Path.Value == Path ? "GET, HEAD" : "GET";
            await HttpAnswers.TextAsync(context, StatusCodes.Status405MethodNotAllowed, "Method Not Allowed").ConfigureAwait(false);
        }
        else if (context.Request.Path.Value == Path)
        {
            await PageAsync(context).ConfigureAwait(false);
        }
        else
        {
            await EventsAsync(context, stopping).ConfigureAwait(false);
        }

        return true;
    }

    private async Task PageAsync(HttpContext context)
    {
        HttpResponse response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = _page.Value.Policy;
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers.XFrameOptions = "DENY";
        response.ContentLength = _page.Value.Html.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.BodyWriter.WriteAsync(_page.Value.Html, context.RequestAborted).ConfigureAwait(false);
    }

    private async Task EventsAsync(HttpContext context, CancellationToken stopping)
    {
        if (Interlocked.Increment(ref _open) > MaxStreams)
        {
            Interlocked.Decrement(ref _open);
            context.Response.Headers.RetryAfter = "5";
            await HttpAnswers.TextAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many dashboards are open; close one.").ConfigureAwait(false);
            return;
        }

        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers["X-Accel-Buffering"] = "no";
            await StreamAsync(context, stopping).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task StreamAsync(HttpContext context, CancellationToken stopping)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        PipeWriter writer = context.Response.BodyWriter;
        writer.Write("retry: 2000\n\n"u8);
        byte[]? picture = null, tools = null;
        long lastSent = time.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            DashboardFeed.Frame frame = feed.Take();
            bool changed = frame.Picture != picture || frame.Tools != tools;
            if (frame.Tools != tools)
                Write(writer, "tools"u8, frame.Tools.AsSpan(1));
            if (frame.Picture != picture)
                Write(writer, "picture"u8, frame.Picture.AsSpan(1));
            (picture, tools) = (frame.Picture, frame.Tools);
            if (changed || time.GetElapsedTime(lastSent) >= options.KeepAlive)
            {
                if (!changed)
                    KeepAlive(writer);
                lastSent = time.GetTimestamp();
                if (!await FlushAsync(context).ConfigureAwait(false))
                    return;
            }

            await PauseAsync(stop.Token).ConfigureAwait(false);
        }

        if (context.RequestAborted.IsCancellationRequested)
            return;
        Write(writer, "stopping"u8, "\"stopping\":true}"u8);
        await FlushAsync(context).ConfigureAwait(false);
    }

    /// <summary>One event: a JSON object, begun here with the time, which alone makes no picture a new one.</summary>
    private void Write(PipeWriter writer, ReadOnlySpan<byte> name, ReadOnlySpan<byte> rest)
    {
        writer.Write("event: "u8);
        writer.Write(name);
        writer.Write("\ndata: {\"now\":\""u8);
        Encoding.ASCII.GetBytes(StatusWords.Rfc3339(time.GetUtcNow()), writer);
        writer.Write("\","u8);
        writer.Write(rest);
        writer.Write("\n\n"u8);
    }

    /// <summary>A comment for whatever stands in between, and an event, because pages are not shown comments.</summary>
    private void KeepAlive(PipeWriter writer)
    {
        writer.Write(": keep-alive\n\n"u8);
        Write(writer, "alive"u8, "\"alive\":true}"u8);
    }

    /// <summary>False when the viewer is gone, or takes nothing.</summary>
    private async Task<bool> FlushAsync(HttpContext context)
    {
        using CancellationTokenSource limit = new(WriteLimit, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.RequestAborted);
        try
        {
            FlushResult result = await context.Response.BodyWriter.FlushAsync(either.Token).ConfigureAwait(false);
            return !result.IsCompleted;
        }
        catch (OperationCanceledException)
        {
            context.Abort();
            return false;
        }
    }

    private async Task PauseAsync(CancellationToken stop)
    {
        try
        {
            await Task.Delay(DashboardFeed.Pace, time, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The viewer left or the process stops; the loop looks.
        }
    }
}
