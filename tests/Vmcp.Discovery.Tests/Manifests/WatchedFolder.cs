using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Vmcp.Discovery.Manifests;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Discovery.Tests.Manifests;

/// <summary>A directory of manifests that goes with the test, and what follows it.</summary>
internal sealed class WatchedFolder : IDisposable
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("vmcp-manifests-");
    private readonly LogCapture _log = new();

    public WatchedFolder(TimeProvider? time = null) => Directory = new ManifestDirectory(_folder.FullName, "default", time ?? TimeProvider.System, _log);

    public ManifestDirectory Directory { get; }

    public string Path => _folder.FullName;

    /// <summary>The log so far, one text per entry.</summary>
    public string[] Log => [.. _log.Lines];

    public string Problem => Directory.State.Problems.ShouldHaveSingleItem();

    public string this[string name] => System.IO.Path.Combine(_folder.FullName, name);

    public WatchedFolder With(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this;
    }

    public void Delete(string name) => File.Delete(this[name]);

    public Task LoadAsync() => Directory.LoadAsync(CancellationToken.None);

    public Task LookAsync() => Directory.LookAsync(CancellationToken.None);

    /// <summary>Names of a kind, <c>namespace/name</c>.</summary>
    public string[] Names(ResourceType type) => [.. Directory.ObjectsOf(type).Select(o => o.Key.ToString())];

    /// <summary>One object.</summary>
    public KubeObject Get(ResourceType type, string name) => Directory.ObjectsOf(type).Single(o => o.Key.Name == name);

    public void Dispose() => _folder.Delete(recursive: true);

    private sealed class LogCapture : ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
    }
}

/// <summary>Manifests of tests.</summary>
internal static class Yaml
{
    public const string Group = """
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPGroup
        metadata: {name: team}

        """;

    public static string Server(string name, string url = "http://127.0.0.1:9001/mcp", string apiVersion = "v1beta1") => $$"""
        apiVersion: toolhive.stacklok.dev/{{apiVersion}}
        kind: MCPServer
        metadata: {name: {{name}}}
        spec: {groupRef: {name: team}, transport: streamable-http}
        status: {url: "{{url}}"}

        """;

    public static string Entry(string name, string url, string more = "") => $$"""
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPServerEntry
        metadata: {name: {{name}}}
        spec: {groupRef: {name: team}, transport: streamable-http, remoteUrl: "{{url}}"{{more}}}

        """;

    public static string Secret(string name, string key, string value) => $$"""
        apiVersion: v1
        kind: Secret
        metadata: {name: {{name}}}
        stringData: {{{key}}: "{{value}}"}

        """;

    public static string Documents(params string[] documents) => string.Join("---\n", documents);
}
