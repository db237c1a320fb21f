using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;

namespace Vmcp.TestKit;

/// <summary>Kestrel on 127.0.0.1 that can go away and come back on the same port.</summary>
internal sealed class LoopbackHost(Func<HttpContext, CancellationToken, Task> serve, bool https = false) : IAsyncDisposable
{
    private readonly X509Certificate2? _certificate = https ? LoopbackCertificate.Create() : null;
    private CancellationTokenSource _life = new();
    private WebApplication? _app;
    private FreePort? _reserved;

    /// <summary>The port; chosen by the system at the first start.</summary>
    public int Port { get; private set; }

    /// <summary>Scheme, address and port, without a slash at the end.</summary>
    public string Address => $"{(_certificate is null ? "http" : "https")}://127.0.0.1:{Port}";

    /// <summary>The certificate in PEM, null without TLS.</summary>
    public string? CertificatePem => _certificate?.ExportCertificatePem();

    public async Task StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        _reserved?.Dispose();
        _reserved = null;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, Port, listen =>
            {
                if (_certificate is not null)
                    listen.UseHttps(_certificate);
            });
            kestrel.AddServerHeader = false;
        });
        WebApplication app = builder.Build();
        app.Run(ServeAsync);
        await app.StartAsync();
        _app = app;
        IServerAddressesFeature addresses = ((IApplicationBuilder)app).ServerFeatures.Get<IServerAddressesFeature>()!;
        Port = new Uri(addresses.Addresses.First()).Port;
    }

    /// <summary>Cuts all connections and refuses new ones.</summary>
    public async Task StopAsync()
    {
        if (_app is not { } app)
            return;
        _app = null;
        await _life.CancelAsync();
        using (var now = new CancellationTokenSource(TimeSpan.Zero))
            await app.StopAsync(now.Token);
        await app.DisposeAsync();
        _reserved = await FreePort.TakeBackAsync(Port);
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        _life.Dispose();
        _life = new CancellationTokenSource();
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _reserved?.Dispose();
        _life.Dispose();
        _certificate?.Dispose();
    }

    private async Task ServeAsync(HttpContext http)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, _life.Token);
        try
        {
            await serve(http, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            http.Abort();
        }
        catch (IOException)
        {
            http.Abort(); // the client left while we read or wrote
        }
    }
}
