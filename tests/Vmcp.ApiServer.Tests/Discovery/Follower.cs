using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Config.Model;
using Vmcp.Core.Backends;
using Vmcp.Discovery.Watching;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;

namespace Vmcp.ApiServer.Tests.Discovery;

/// <summary>The source of a discovered gateway as its pod has it: a ServiceAccount, its token in a file, and a line to the API server.</summary>
internal sealed class Follower : IAsyncDisposable, ILogger<KubernetesSource>
{
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<string> _log = new();
    private readonly string _tokenFile;
    private readonly KubeClient _client;
    private readonly Task _running;

    public Follower(Server server, string space, string token, Func<DiscoveryOptions, DiscoveryOptions>? edit = null)
    {
        Line = new Line(server.Url.Port);
        _tokenFile = Path.Combine(server.Folder, $"token-{Guid.NewGuid():N}");
        WriteToken(token);
        string kubeconfig = Path.Combine(server.Folder, $"follower-{Guid.NewGuid():N}");
        File.WriteAllText(kubeconfig, $$"""
            apiVersion: v1
            kind: Config
            current-context: test
            clusters:
            - name: test
              cluster: {server: "https://127.0.0.1:{{Line.Port}}", certificate-authority: "{{server.CaFile}}"}
            users:
            - name: user
              user: {tokenFile: "{{_tokenFile}}"}
            contexts:
            - name: test
              context: {cluster: test, user: user, namespace: "{{space}}"}
            """);
        _client = new KubeClient(KubeConfig.Load(kubeconfig), TimeProvider.System, NullLogger.Instance);
        DiscoveryOptions options = new() { Namespace = space, Group = "team", Config = new GatewayConfig { GroupRef = "team" }, ServerName = "hub" };
        Source = new KubernetesSource(_client, edit?.Invoke(options) ?? options, TimeProvider.System, this);
        _running = Source.RunAsync(_end.Token);
    }

    public Line Line { get; }

    public KubernetesSource Source { get; }

    public SourceState State => Source.Current.State;

    public string Served => string.Join(", ", Source.Current.Backends.Backends.Select(b => b.Name));

    public string[] Log => [.. _log];

    /// <summary>The credential of a backend.</summary>
    public string? KeyOf(string backend) =>
        (Source.Current.Backends.Backends.SingleOrDefault(b => b.Name == backend)?.Strategy as HeaderInjectionStrategy)?.Value.Reveal();

    /// <summary>Replaces the token as the kubelet does: by another file in its place.</summary>
    public void WriteToken(string token)
    {
        File.WriteAllText(_tokenFile + ".new", token);
        File.Move(_tokenFile + ".new", _tokenFile, overwrite: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromMinutes(1));
        await Line.DisposeAsync();
        _client.Dispose();
        _end.Dispose();
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Enqueue($"{logLevel}: {formatter(state, exception)}{exception}");
}
