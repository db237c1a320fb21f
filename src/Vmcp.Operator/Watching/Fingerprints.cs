using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning.Status;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Watching;

/// <summary>Tells changes that can matter from those that cannot: heartbeats, our own words, bookkeeping of the API server. Pure.</summary>
internal static class Fingerprints
{
    /// <summary>Of an object watched by its metadata only: any new version may matter.</summary>
    public static string Version(KubeObject item) => $"{item.Meta.Uid}/{item.Meta.ResourceVersion}";

    /// <summary>Of a kind of ours: spec, status, labels, annotations, deletion.</summary>
    public static string Whole(KubeObject item) => Hash(json =>
    {
        Identity(json, item, withAnnotations: true);
        Member(json, "spec", item.At("spec"));
        Member(json, "status", item.At("status"));
    });

    /// <summary>
    /// Of a VirtualMCPServer: what the user says, and in discovered mode what its gateway says of the backends. What the operator itself wrote
    /// is not in it, so its own writes never wake it (design 5.12).
    /// </summary>
    public static string Server(KubeObject item)
    {
        bool inline = item.At("spec", "outgoingAuth", "source") is { ValueKind: JsonValueKind.String } source && source.ValueEquals("inline");
        return Hash(json =>
        {
            Identity(json, item, withAnnotations: true);
            json.WriteNumber("generation", item.Meta.Generation);
            if (inline)
                return;
            Member(json, "backendCount", item.At("status", "backendCount"));
            Backends(json, item.At("status", "discoveredBackends"));
            RuntimeConditions(json, item.At("status", "conditions"));
        });
    }

    /// <summary>Of a pod: whether it runs, is ready, where it is, and why not.</summary>
    public static string Pod(KubeObject item) => Hash(json =>
    {
        Identity(json, item, withAnnotations: false);
        Member(json, "phase", item.At("status", "phase"));
        Member(json, "ip", item.At("status", "podIP"));
        json.WriteBoolean("ready", Polling.PodTarget.IsReady(item));
        json.WriteString("trouble", PodTrouble.Of(item));
    });

    private static void Identity(Utf8JsonWriter json, KubeObject item, bool withAnnotations)
    {
        json.WriteString("uid", item.Meta.Uid);
        json.WriteBoolean("deleting", item.Meta.DeletionTimestamp is not null);
        Map(json, "labels", item.Meta.Labels);
        if (withAnnotations)
            Map(json, "annotations", item.Meta.Annotations);
        json.WriteStartArray("finalizers");
        foreach (string finalizer in item.Meta.Finalizers)
            json.WriteStringValue(finalizer);
        json.WriteEndArray();
    }

    private static void Map(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> map)
    {
        json.WriteStartObject(name);
        foreach ((string key, string value) in map.OrderBy(e => e.Key, StringComparer.Ordinal))
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void Backends(Utf8JsonWriter json, JsonElement? backends)
    {
        json.WriteStartArray("backends");
        if (backends is { ValueKind: JsonValueKind.Array } list)
        {
            foreach (JsonElement backend in list.EnumerateArray())
            {
                json.WriteStartObject();
                foreach (JsonProperty member in backend.EnumerateObject().Where(m => !RuntimeHalf.Ticking.Contains(m.Name)).OrderBy(m => m.Name, StringComparer.Ordinal))
                    member.WriteTo(json);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private static void RuntimeConditions(Utf8JsonWriter json, JsonElement? conditions)
    {
        json.WriteStartArray("conditions");
        if (conditions is { ValueKind: JsonValueKind.Array } list)
        {
            foreach (JsonElement condition in list.EnumerateArray())
            {
                if (condition.TryGetProperty("type", out JsonElement type) && RuntimeHalf.Conditions.Contains(type.GetString() ?? ""))
                    condition.WriteTo(json);
            }
        }

        json.WriteEndArray();
    }

    private static void Member(Utf8JsonWriter json, string name, JsonElement? value)
    {
        if (value is not { } there)
            return;
        json.WritePropertyName(name);
        there.WriteTo(json);
    }

    private static string Hash(Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> buffer = new(1024);
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Convert.ToHexString(SHA256.HashData(buffer.WrittenSpan).AsSpan(0, 16));
    }
}
