using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Vmcp.Operator.Hosting;

/// <summary>The operator's own HTTP endpoints: liveness, readiness and metrics, on the addresses the flags name.</summary>
public sealed class OperatorEndpoints : IAsyncDisposable
{
    private readonly List<WebApplication> _listeners = [];

    /// <summary>Where metrics are served, or null.</summary>
    public Uri? Metrics { get; private set; }

    /// <summary>Where health is served, or null.</summary>
    public Uri? Health { get; private set; }

    /// <summary>Opens the listeners.</summary>
    /// <param name="options">The addresses.</param>
    /// <param name="metrics">What <c>/metrics</c> shows.</param>
    /// <param name="notReady">Why the operator is not ready, or null when it is.</param>
    /// <param name="loggers">Takes what Kestrel has to say.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<OperatorEndpoints> StartAsync(
        OperatorOptions options, OperatorMetrics metrics, Func<string?> notReady, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        OperatorEndpoints endpoints = new();
        try
        {
            if (options.MetricsAddress is { } metricsAddress)
            {
                endpoints.Metrics = await endpoints.ListenAsync(metricsAddress, loggers, app => app.Run(context => context.Request.Path == "/metrics"
                    ? Answer(context, 200, metrics.Text(), "text/plain; version=0.0.4; charset=utf-8")
                    : Answer(context, 404, "not here: ask for /metrics\n")), cancellationToken).ConfigureAwait(false);
            }

            if (options.HealthAddress is { } healthAddress)
            {
                endpoints.Health = await endpoints.ListenAsync(healthAddress, loggers, app => app.Run(context => context.Request.Path.Value switch
                {
                    "/healthz" => Answer(context, 200, "ok\n"),
                    "/readyz" => notReady() is { } why ? Answer(context, 503, why + "\n") : Answer(context, 200, "ok\n"),
                    _ => Answer(context, 404, "not here: ask for /healthz or /readyz\n"),
                }), cancellationToken).ConfigureAwait(false);
            }

            return endpoints;
        }
        catch
        {
            await endpoints.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (WebApplication listener in _listeners)
            await listener.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<Uri> ListenAsync(IPEndPoint address, ILoggerFactory loggers, Action<WebApplication> endpoints, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 100;
            kestrel.Listen(address);
        });
        builder.Services.AddSingleton(loggers);
        WebApplication app = builder.Build();
        _listeners.Add(app);
        endpoints(app);
        await app.StartAsync(cancellationToken).ConfigureAwait(false);
        string bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new Uri(bound.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal).Replace("[::]", "127.0.0.1", StringComparison.Ordinal));
    }

    private static Task Answer(HttpContext context, int status, string text, string type = "text/plain; charset=utf-8")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
