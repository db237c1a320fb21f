using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;

namespace Vmcp.Kubernetes.Tests.Support;

/// <summary>An API server on loopback that does what a test tells it; the last script stays.</summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _scripts = new();
    private readonly ConcurrentQueue<Asked> _asked = new();
    private Func<HttpContext, Task>? _last;

    private ScriptedApi(WebApplication app) => _app = app;

    public Asked[] Requests => [.. _asked];

    public Uri Url => new(_app.Urls.Single());

    public static Task<ScriptedApi> StartAsync(params Func<HttpContext, Task>[] scripts) => StartAsync(null, scripts);

    /// <summary>With a certificate it speaks TLS, and HTTP/2 with those who can.</summary>
    public static async Task<ScriptedApi> StartAsync(X509Certificate2? certificate, params Func<HttpContext, Task>[] scripts)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        WebApplication app = builder.Build();
        ScriptedApi api = new(app);
        foreach (Func<HttpContext, Task> script in scripts)
            api._scripts.Enqueue(script);
        app.Run(api.AnswerAsync);
        await app.StartAsync();
        return api;
    }

    public KubeClient Client(TimeProvider? time = null, KubeClientOptions? options = null, TokenSource? token = null) => new(
        new KubeConfig { Server = Url, Source = "test", Token = token }, time ?? TimeProvider.System, NullLogger.Instance, options);

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    public static Func<HttpContext, Task> Answer(int code, string body, params (string Name, string Value)[] headers) => async http =>
    {
        http.Response.StatusCode = code;
        foreach ((string name, string value) in headers)
            http.Response.Headers[name] = value;
        await http.Response.WriteAsync(body);
    };

    public static Func<HttpContext, Task> Status(int code, string reason, string message, string details = "") =>
        Answer(code, $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","code":{{code}},"reason":"{{reason}}","message":"{{message}}"{{details}}}""");

    /// <summary>Writes pieces of a watch, each sent at once, and ends it well.</summary>
    public static Func<HttpContext, Task> Watch(params string[] pieces) => async http =>
    {
        foreach (string piece in pieces)
        {
            await http.Response.WriteAsync(piece);
            await http.Response.Body.FlushAsync();
        }
    };

    /// <summary>Does the first, then cuts the connection.</summary>
    public static Func<HttpContext, Task> ThenCut(Func<HttpContext, Task> first, Task? when = null) => async http =>
    {
        await first(http);
        if (when is not null)
            await when;
        http.Abort();
    };

    /// <summary>Does the first, then says nothing more.</summary>
    public static Func<HttpContext, Task> ThenSilence(Func<HttpContext, Task> first) => async http =>
    {
        await first(http);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The client went.
        }
    };

    public static string Event(string kind, string name, string version) =>
        $$$$"""{"type":"{{{{kind}}}}","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"{{{{name}}}}","namespace":"a","uid":"u","resourceVersion":"{{{{version}}}}"}}}""" + "\n";

    private async Task AnswerAsync(HttpContext http)
    {
        using StreamReader reader = new(http.Request.Body);
        string body = await reader.ReadToEndAsync();
        _asked.Enqueue(new Asked(
            http.Request.Method, http.Request.GetEncodedPathAndQuery(), http.Request.Headers.Authorization.ToString(),
            http.Request.Headers.Accept.ToString(), http.Request.Headers.UserAgent.ToString(), http.Request.ContentType ?? "", body, http.Request.Protocol));
        if (_scripts.TryDequeue(out Func<HttpContext, Task>? next))
            _last = next;
        await _last!(http);
    }

    internal sealed record Asked(string Method, string Url, string Authorization, string Accept, string UserAgent, string ContentType, string Body, string Protocol);
}
