using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.ApiServer.Tests.Drift;

/// <summary>What two clusters must agree on about an object: all but names of moments and what the API server fills in.</summary>
public static class Picture
{
    private static readonly string[] Moments =
        ["uid", "resourceVersion", "creationTimestamp", "namespace", "deletionGracePeriodSeconds", "time", "lastTransitionTime"];

    // What defaulting adds to a Deployment; the in-memory cluster fills in nothing.
    private static readonly string[] Defaults =
    [
        "terminationMessagePath", "terminationMessagePolicy", "imagePullPolicy", "resources", "restartPolicy", "dnsPolicy", "schedulerName",
        "securityContext", "terminationGracePeriodSeconds", "strategy", "revisionHistoryLimit", "progressDeadlineSeconds", "protocol",
    ];

    public static string Of(KubeObject? item)
    {
        if (item is null)
            return "nothing";
        JsonObject body = item.ToJsonObject();
        JsonObject meta = body["metadata"]!.AsObject();
        meta["deletionTimestamp"] = meta["deletionTimestamp"] is null ? null : "set";
        // Whoever writes by another way than apply owns what defaulting filled in, which the in-memory cluster does not do.
        bool filledIn = body["kind"]!.GetValue<string>() == "Deployment";
        if (meta["managedFields"] is JsonArray fields)
        {
            meta["managedFields"] = new JsonArray([.. fields.Select(f => f!.DeepClone())
                .Where(f => !filledIn || f["operation"]!.GetValue<string>() == "Apply")
                .OrderBy(f => $"{f["manager"]} {f["operation"]} {f["subresource"]}", StringComparer.Ordinal)]);
        }

        if (filledIn)
            body.Remove("status");
        return Plain(body)!.ToJsonString(new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    private static JsonNode? Plain(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map
            .Where(m => m.Value is not null && !Moments.Contains(m.Key) && !Defaults.Contains(m.Key))
            .OrderBy(m => m.Key, StringComparer.Ordinal)
            .Select(m => KeyValuePair.Create(m.Key, Plain(m.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Plain)]),
        _ => node?.DeepClone(),
    };
}
