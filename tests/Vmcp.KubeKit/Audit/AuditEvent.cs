using System.Text.Json.Nodes;

namespace Vmcp.KubeKit.Audit;

/// <summary>One answered request as the server's audit log tells it (audit.k8s.io/v1 Event).</summary>
/// <param name="Verb"><c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c>, <c>update</c>, <c>patch</c>, <c>delete</c>, …</param>
/// <param name="User">Who asked: <c>system:serviceaccount:ns:name</c>.</param>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Resource">Plural of the kind; empty for requests that are for none.</param>
/// <param name="Namespace">Namespace asked for, or empty.</param>
/// <param name="Name">Object asked for, or empty.</param>
/// <param name="Subresource"><c>status</c> and the like, or empty.</param>
/// <param name="Code">HTTP status of the answer.</param>
/// <param name="Stage"><c>ResponseComplete</c>, or <c>ResponseStarted</c> for a watch that goes on.</param>
/// <param name="Uri">Path and query.</param>
/// <param name="At">When the request came.</param>
/// <param name="Body">The whole event.</param>
public sealed record AuditEvent(
    string Verb, string User, string Group, string Resource, string Namespace, string Name, string Subresource, int Code, string Stage, string Uri,
    DateTimeOffset At, JsonObject Body)
{
    private static readonly string[] Writes = ["create", "update", "patch", "delete", "deletecollection"];

    /// <summary>Whether it asked for a change.</summary>
    public bool IsWrite => Writes.Contains(Verb);

    /// <summary>The events of a log file in order; none when there is no file, and without a line still being written.</summary>
    public static async Task<IReadOnlyList<AuditEvent>> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        if (!File.Exists(path))
            return [];
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        string text = await reader.ReadToEndAsync(cancellationToken);
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
    }

    /// <summary>Reads one line of the log.</summary>
    public static AuditEvent Parse(string line)
    {
        JsonObject body = JsonNode.Parse(line)!.AsObject();
        JsonNode? target = body["objectRef"];
        return new AuditEvent(
            Text(body["verb"]), Text(body["user"]?["username"]), Text(target?["apiGroup"]), Text(target?["resource"]), Text(target?["namespace"]),
            Text(target?["name"]), Text(target?["subresource"]), body["responseStatus"]?["code"]?.GetValue<int>() ?? 0, Text(body["stage"]),
            Text(body["requestURI"]), DateTimeOffset.Parse(Text(body["requestReceivedTimestamp"]), null), body);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{User} {Verb} {Uri} {Code}";

    private static string Text(JsonNode? node) => node?.GetValue<string>() ?? "";
}
