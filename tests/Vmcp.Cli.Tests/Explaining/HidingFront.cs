using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Vmcp.Cli.Tests.Explaining;

/// <summary>A proxy that says for whom it asks, as a load balancer does, so that the gateway behind it hides its catalog.</summary>
internal sealed class HidingFront : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private HidingFront(WebApplication app, HttpClient http) => (_app, _http) = (app, http);

    public string Address => _app.Urls.First();

    public static async Task<HidingFront> StartAsync(int port)
    {
        HttpClient http = new() { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.Run(async context =>
        {
            using HttpRequestMessage request = new(HttpMethod.Get, context.Request.Path);
            request.Headers.Add("X-Forwarded-For", "192.0.2.7");
            using HttpResponseMessage answer = await http.SendAsync(request, context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
        await app.StartAsync();
        return new HidingFront(app, http);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }
}
