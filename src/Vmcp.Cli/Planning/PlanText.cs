using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Vmcp.Core.Backends;
using Vmcp.Kubernetes.Yaml;
using Vmcp.Operator.Planning;
using Vmcp.Resources.Status;

namespace Vmcp.Cli.Planning;

/// <summary>Plans as text. Equal plans give equal bytes.</summary>
internal static class PlanText
{
    /// <summary>All objects as YAML documents, each with a line that says what it is.</summary>
    public static void Yaml(OfflinePlan plan, TextWriter output)
    {
        foreach (PlannedServer server in plan.Servers)
        {
            foreach (DesiredObject item in server.Plan.Objects)
            {
                string note = item.Mode == WriteMode.CreateOnce ? "; created when missing, its key is random" : "";
                output.Write("---\n");
                output.Write($"# {item.Type.Kind} {Where(server, item)} of VirtualMCPServer {server.Server.Key} ({server.Plan.Status.Mode}){note}\n");
                output.Write(KubeYaml.Write(item.Body));
            }
        }
    }

    /// <summary>All objects as one <c>v1 List</c>.</summary>
    public static JsonObject List(OfflinePlan plan) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "List",
        ["items"] = new JsonArray([.. plan.Servers.SelectMany(s => s.Plan.Objects).Select(o => (JsonNode)o.Body.DeepClone())]),
    };

    /// <summary>What came of one server, in some lines.</summary>
    public static string Summary(PlannedServer server)
    {
        StringBuilder text = new();
        StatusPlan status = server.Plan.Status;
        text.Append(CultureInfo.InvariantCulture, $"VirtualMCPServer {server.Server.Key}: ");
        text.Append(server.Held
            ? $"held, nothing would be written (phase {status.Phase}): {status.Message}\n"
            : $"{status.Mode} mode, {Count(server.Plan.Objects.Length, "object")}, {Count(server.Served.Length, "backend")} served\n");
        if (server.Served.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"  served: {string.Join(", ", server.Served)}\n");
        foreach (UnservedBackend left in server.Plan.LeftOut)
            text.Append(CultureInfo.InvariantCulture, $"  left out: {left.Name}: {left.Reason}: {left.Message}\n");
        // Nothing runs yet, so Ready says nothing here.
        foreach (PlannedCondition bad in status.Conditions.Where(c => c.Status == "False" && c.Message.Length > 0 && IsTelling(c.Type)))
            text.Append(CultureInfo.InvariantCulture, $"  {bad.Type}: {bad.Reason}: {bad.Message}\n");
        return text.ToString();
    }

    /// <summary>What a difference is made of: the summary of each server and each of its objects, by a name.</summary>
    public static SortedDictionary<string, string> Pieces(OfflinePlan plan)
    {
        SortedDictionary<string, string> pieces = new(StringComparer.Ordinal);
        foreach (PlannedServer server in plan.Servers)
        {
            string prefix = $"{server.Server.Key}/";
            pieces[prefix] = Summary(server);
            foreach (DesiredObject item in server.Plan.Objects)
                pieces[$"{prefix}{item.Type.Kind}/{item.Name}"] = KubeYaml.Write(item.Body);
        }

        return pieces;
    }

    // What a condition of a single backend says stands with those left out already.
    private static bool IsTelling(string type) =>
        type is not ("Ready" or "ModeTransition" or "IdentitySynthesized" or "SessionStorageWarning") && !type.StartsWith("BackendAuth-", StringComparison.Ordinal);

    private static string Where(PlannedServer server, DesiredObject item) =>
        $"{item.Body["metadata"]?["namespace"]?.GetValue<string>() ?? server.Server.Key.Namespace}/{item.Name}";

    private static string Count(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");
}
