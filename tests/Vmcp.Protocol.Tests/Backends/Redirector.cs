using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;

namespace Vmcp.Protocol.Tests.Backends;

/// <summary>Answers <c>/old</c> with 307 to <c>/real</c>, and forwards what comes there to a backend.</summary>
internal sealed class Redirector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new();
    private readonly Uri _target;
    private int _redirects;

    private Redirector(Uri target)
    {
        _target = target;
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    public int Redirects => Volatile.Read(ref _redirects);

    public Uri Url => new(((IApplicationBuilder)_app).ServerFeatures.Get<IServerAddressesFeature>()!.Addresses.First() + "/old");

    public static async Task<Redirector> StartAsync(Uri target)
    {
        Redirector redirector = new(target);
        await redirector._app.StartAsync();
        return redirector;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (context.Request.Path == "/old")
        {
            Interlocked.Increment(ref _redirects);
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = "/real";
            return;
        }

        using HttpRequestMessage request = new(new HttpMethod(context.Request.Method), _target);
        if (context.Request.ContentLength > 0)
            request.Content = new StreamContent(context.Request.Body);
        foreach (var header in context.Request.Headers.Where(h => !h.Key.Equals("Host", StringComparison.OrdinalIgnoreCase)))
        {
            if (!request.Headers.TryAddWithoutValidation(header.Key, (IEnumerable<string?>)header.Value))
                request.Content?.Headers.TryAddWithoutValidation(header.Key, (IEnumerable<string?>)header.Value);
        }

        using HttpResponseMessage response = await _http.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        if (response.Headers.TryGetValues("Mcp-Session-Id", out var session))
            context.Response.Headers["Mcp-Session-Id"] = session.Single();
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
