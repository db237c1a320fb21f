using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Vmcp.Fixture.Content;
using Vmcp.Fixture.Hosting;

namespace Vmcp.Fixture;

/// <summary>Puts the endpoints of the chosen era on a loopback port.</summary>
internal static class FixtureHost
{
    public static WebApplication Build(FixtureOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls($"http://127.0.0.1:{options.Port}");
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(2));

        WebApplication app = builder.Build();
        app.Use(LoopbackGuard.CheckAsync);
        FixtureServer server = new();
        CancellationToken stopping = app.Lifetime.ApplicationStopping;
        if (options.Era == Speaks.Sse)
        {
            SseEndpoint sse = new(server, stopping);
            app.MapGet("/sse", sse.OpenAsync);
            app.MapPost("/message", sse.PostAsync);
            return app;
        }

        LegacyEndpoint legacy = new(server, options.PlainJson, stopping);
        ModernEndpoint modern = new(server, options.PlainJson, stopping);
        RequestDelegate endpoint = options.Era switch
        {
            Speaks.Legacy => legacy.HandleAsync,
            Speaks.Modern => modern.HandleAsync,
            _ => context => ModernEndpoint.IsModern(context) ? modern.HandleAsync(context) : legacy.HandleAsync(context),
        };
        app.Map("/mcp", endpoint);
        return app;
    }

    /// <summary>The URL to connect to, once the application runs.</summary>
    public static Uri Endpoint(WebApplication app, FixtureOptions options)
    {
        string address = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>()
            .Addresses.First();
        return new Uri(new Uri(address), options.Era == Speaks.Sse ? "/sse" : "/mcp");
    }
}
