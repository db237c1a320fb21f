using System.Globalization;
using System.Text;

using Microsoft.Extensions.Logging;

using Vmcp.Auth.Incoming;
using Vmcp.Auth.Outgoing;
using Vmcp.Core.Backends;
using Vmcp.Gateway.Tests.Live;
using Vmcp.Protocol.Backends;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests;

/// <summary>What a world is made of: backends and the configuration over them. Each text is YAML of the file.</summary>
public sealed class WorldScript
{
    internal List<Entry> Entries { get; } = [];

    /// <summary>Scripts of backends that have to be started before the file can be written.</summary>
    internal List<(string Name, Action<BackendScript> Script)> ToStart { get; } = [];

    /// <summary>Top-level blocks put into the file as they are.</summary>
    public List<string> Blocks { get; } = [];

    /// <summary><c>healthCheckInterval</c> in seconds.</summary>
    public double Interval { get; set; } = 1;

    /// <summary><c>healthCheckTimeout</c> in seconds.</summary>
    public double Timeout { get; set; } = 0.9;

    /// <summary><c>unhealthyThreshold</c>.</summary>
    public int Threshold { get; set; } = 2;

    /// <summary>More lines of <c>failureHandling</c>.</summary>
    public List<string> FailureHandling { get; } = [];

    /// <summary>The flow mapping of <c>operational.timeouts</c>, empty for none.</summary>
    public string Timeouts { get; set; } = "";

    /// <summary>Changes the fixed options.</summary>
    public Func<GatewayOptions, GatewayOptions> Options { get; set; } = o => o;

    /// <summary>Whether the start waits until every backend started here is listed.</summary>
    public bool WaitForBackends { get; set; } = true;

    /// <summary>Environment variables as the configuration sees them.</summary>
    public Dictionary<string, string> Env { get; } = [];

    /// <summary>Where the backends come from while the gateway runs; null: from the file.</summary>
    public ScriptedSource? Source { get; set; }

    /// <summary>As whom a backend of a live source is called, by name; without an entry as nobody.</summary>
    public Dictionary<string, Strategy> Strategies { get; } = [];

    /// <summary>How a backend answers from its first request on, by name; without an entry as its script says.</summary>
    public Dictionary<string, Behaviour> Behaviours { get; } = [];

    /// <summary>Who may come in. The world ends it, when it can be ended.</summary>
    public IIncomingAuth Incoming { get; set; } = OpenDoor.Anonymous;

    /// <summary>As whom the backends are called. The world ends it, when it can be ended.</summary>
    public OutgoingAuth Outgoing { get; set; } = new();

    /// <summary>Signs requests to backends in place of <see cref="Outgoing"/>; null for that.</summary>
    public RequestSigner? Signer { get; set; }

    /// <summary>The least level that is logged.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    /// <summary>Adds a scripted backend; without a script a Legacy one with the tool <c>echo</c>.</summary>
    public WorldScript Backend(string name, Action<BackendScript>? script = null)
    {
        ToStart.Add((name, script ?? (s => s.Tool("echo"))));
        return this;
    }

    /// <summary>Adds an entry for a URL nobody may answer; <paramref name="more"/> are further members of its flow mapping.</summary>
    public WorldScript Elsewhere(string name, Uri url, string transport = "streamable-http", string more = "")
    {
        Entries.Add(new Entry(name, url, transport, more.Length == 0 ? "" : ", " + more));
        return this;
    }

    /// <summary>Removes an entry of the file.</summary>
    public void Remove(string name) => Entries.RemoveAll(e => e.Name == name);

    /// <summary>Adds a block, with indentation as written.</summary>
    public WorldScript Block(string yaml)
    {
        Blocks.Add(yaml);
        return this;
    }

    internal string ToYaml()
    {
        StringBuilder yaml = new();
        yaml.AppendLine("name: vmcp").AppendLine("groupRef: demo/team").AppendLine(Entries.Count == 0 ? "backends: []" : "backends:");
        foreach (Entry entry in Entries)
            yaml.AppendLine(CultureInfo.InvariantCulture, $"  - {{name: {entry.Name}, url: \"{entry.Url}\", transport: {entry.Transport}{entry.More}}}");
        yaml.AppendLine("operational:");
        if (Timeouts.Length > 0)
            yaml.AppendLine("  timeouts: " + Timeouts);
        yaml.AppendLine("  failureHandling:")
            .AppendLine(CultureInfo.InvariantCulture, $"    healthCheckInterval: {Interval * 1000}ms")
            .AppendLine(CultureInfo.InvariantCulture, $"    healthCheckTimeout: {Timeout * 1000}ms")
            .AppendLine(CultureInfo.InvariantCulture, $"    unhealthyThreshold: {Threshold}");
        foreach (string line in FailureHandling)
            yaml.AppendLine("    " + line);
        foreach (string block in Blocks)
            yaml.AppendLine(block);
        return yaml.ToString();
    }

    internal sealed record Entry(string Name, Uri Url, string Transport, string More);
}
