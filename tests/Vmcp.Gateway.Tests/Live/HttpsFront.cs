using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Vmcp.Gateway.Tests.Live;

/// <summary>A web server with TLS before a backend on this machine, as an ingress would be: it says which versions of HTTP it speaks, and notes what was chosen.</summary>
public sealed class HttpsFront : IAsyncDisposable
{
    private readonly HttpMessageInvoker _inner = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
    private readonly X509Certificate2 _certificate;
    private readonly WebApplication _app;
    private readonly int _target;
    private int _aborted;

    private HttpsFront(int target, HttpProtocols protocols)
    {
        _target = target;
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        Pem = made.ExportCertificatePem();
        _certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = protocols;
            listen.UseHttps(_certificate);
        }));
        _app = builder.Build();
        _app.Run(ForwardAsync);
    }

    /// <summary>The bundle that trusts it.</summary>
    public string Pem { get; }

    /// <summary>The backend's URL through it.</summary>
    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + "/mcp");

    /// <summary>The version and the connection of each POST.</summary>
    public ConcurrentQueue<(string Protocol, string Connection)> Posts { get; } = new();

    /// <summary>Requests whose caller gave up.</summary>
    public int Aborted => Volatile.Read(ref _aborted);

    /// <summary>Starts before the port of a backend.</summary>
    public static async Task<HttpsFront> StartAsync(int target, HttpProtocols protocols)
    {
        HttpsFront front = new(target, protocols);
        await front._app.StartAsync();
        return front;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource atOnce = new(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
        _inner.Dispose();
        _certificate.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        if (HttpMethods.IsPost(context.Request.Method))
            Posts.Enqueue((context.Request.Protocol, context.Connection.Id));
        using HttpRequestMessage request = new(new HttpMethod(context.Request.Method), new Uri($"http://127.0.0.1:{_target}{context.Request.Path}"));
        if (HttpMethods.IsPost(context.Request.Method))
            request.Content = new StreamContent(context.Request.Body);
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in context.Request.Headers)
        {
            if (name is not ("Host" or "Connection" or "Transfer-Encoding") && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        try
        {
            using HttpResponseMessage answer = await _inner.SendAsync(request, context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
            foreach ((string name, IEnumerable<string> values) in answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key is not ("Transfer-Encoding" or "Connection")))
                context.Response.Headers[name] = values.ToArray();
            context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
            await context.Response.StartAsync(context.RequestAborted);
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            if (context.RequestAborted.IsCancellationRequested)
                Interlocked.Increment(ref _aborted);
        }
    }
}
