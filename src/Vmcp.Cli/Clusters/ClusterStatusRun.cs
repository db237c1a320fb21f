using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Vmcp.Cli.Terminals;

namespace Vmcp.Cli.Clusters;

/// <summary>Runs <c>vmcp status NAME</c>: a VirtualMCPServer as its resource tells of it.</summary>
internal static class ClusterStatusRun
{
    /// <summary>Shows it; exit code 0 when it serves and has a backend that can be called (or none at all).</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static async Task<int> RunAsync(ClusterChoice request, string name, bool json, Terminal terminal, CancellationToken cancellationToken)
    {
        try
        {
            using ClusterAccess access = ClusterAccess.Open(request, terminal);
            return await RunAsync(access, name, json, terminal, cancellationToken).ConfigureAwait(false);
        }
        catch (ClusterProblem e)
        {
            return terminal.Fail(e.Message);
        }
    }

    /// <summary>The same in a cluster that is at hand.</summary>
    /// <exception cref="ClusterProblem">It cannot be shown.</exception>
    public static async Task<int> RunAsync(ClusterAccess access, string name, bool json, Terminal terminal, CancellationToken cancellationToken)
    {
        ServerView view = await ServerReader.ReadAsync(access, name, cancellationToken).ConfigureAwait(false);
        if (json)
            await terminal.Out.WriteLineAsync(Json(view)).ConfigureAwait(false);
        else
            ServerTable.Write(view, terminal);
        return ServerTable.IsWell(view) ? 0 : 1;
    }

    private static string Json(ServerView view)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("name", view.Stored.Meta.Name);
            json.WriteString("namespace", view.Stored.Meta.Namespace);
            json.WriteNumber("generation", view.Stored.Meta.Generation);
            json.WriteString("group", view.Server.GroupName());
            if (view.Replicas is { } replicas)
            {
                json.WriteNumber("replicas", replicas.Wanted);
                json.WriteNumber("ready_replicas", replicas.Ready);
            }

            json.WritePropertyName("status");
            if (view.Stored.At("status") is { ValueKind: JsonValueKind.Object } status)
                status.WriteTo(json);
            else
                json.WriteNullValue();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
