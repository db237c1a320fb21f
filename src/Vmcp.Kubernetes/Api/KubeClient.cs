using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Vmcp.Kubernetes.Config;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Api;

/// <summary>
/// The client of a real API server. Ours and small, because the KubernetesClient package cannot be had where this project is built.
/// </summary>
public sealed partial class KubeClient : ICluster, IDisposable
{
    private const string Json = "application/json";
    private const string MetadataJson = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    private const string MetadataListJson = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

    private readonly KubeClientOptions _options;
    private readonly TimeProvider _time;
    private readonly KubeHttp _http;

    /// <summary>Connects when first asked something.</summary>
    /// <param name="config">Where and as whom.</param>
    /// <param name="time">The clock of all limits.</param>
    /// <param name="logger">Where a rotated token is told.</param>
    /// <param name="options">The limits; null for the defaults.</param>
    public KubeClient(KubeConfig config, TimeProvider time, ILogger logger, KubeClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        _options = options ?? KubeClientOptions.Default;
        _time = time;
        _http = new KubeHttp(config, _options, time, logger);
    }

    /// <inheritdoc/>
    public async Task<KubeObject?> GetAsync(ResourceType type, ObjectKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(type);
        string what = $"get {type} {key}";
        string url = OfObject(what, type, key);
        KubeHttp.Answer answer = await _http.SendAsync(what, () => Request(HttpMethod.Get, url, Json), cancellationToken).ConfigureAwait(false);
        return answer.Refusal is { IsMissingObject: true } ? null : Object(what, answer);
    }

    /// <inheritdoc/>
    public async Task<ObjectPage> ListAsync(ResourceType type, ListOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(options);
        string what = $"list {type}{In(options)}";
        string url = KubeUrls.List(type, options);
        // Metadata only, with nothing to fall back on: a server that cannot do it must refuse and not send Secrets.
        string accept = options.MetadataOnly ? MetadataListJson : Json;
        KubeHttp.Answer answer = await _http.SendAsync(what, () => Request(HttpMethod.Get, url, accept), cancellationToken).ConfigureAwait(false);
        return Read(what, answer, Page);
    }

    /// <inheritdoc/>
    public Task<KubeObject> CreateAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(options);
        ObjectKey key = KeyOf(body);
        string what = What("create", type, key, options);
        RequireNamespace(what, type, key.Namespace);
        string url = options.Subresource is { } sub
            ? OfObject(what, type, key, sub)
            : KubeUrls.Path(type, key.Namespace);
        return WriteAsync(what, HttpMethod.Post, url + KubeUrls.Write(options), body, Json, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<KubeObject> ReplaceAsync(ResourceType type, JsonObject body, WriteOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(options);
        ObjectKey key = KeyOf(body);
        string what = What("replace", type, key, options);
        string url = OfObject(what, type, key, options.Subresource) + KubeUrls.Write(options);
        return WriteAsync(what, HttpMethod.Put, url, body, Json, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<KubeObject> PatchAsync(ResourceType type, ObjectKey key, Patch patch, WriteOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(options);
        string verb = patch is Patch.Apply ? "apply" : "patch";
        string what = What(verb, type, key, options);
        if (patch is Patch.Apply && string.IsNullOrEmpty(options.FieldManager))
            throw new KubeException(KubeError.Invalid, $"{what}: an apply needs a field manager");
        (JsonNode body, string content, bool? force) = Content(patch);
        string url = OfObject(what, type, key, options.Subresource) + KubeUrls.Write(options, force);
        return WriteAsync(what, HttpMethod.Patch, url, body, content, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(ResourceType type, ObjectKey key, DeleteOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(options);
        string what = $"delete {type} {key}";
        string url = OfObject(what, type, key);
        JsonObject body = new() { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions", ["propagationPolicy"] = "Background" };
        if (options.Uid is not null || options.ResourceVersion is not null)
        {
            JsonObject preconditions = [];
            if (options.Uid is { } uid)
                preconditions["uid"] = uid;
            if (options.ResourceVersion is { } version)
                preconditions["resourceVersion"] = version;
            body["preconditions"] = preconditions;
        }

        byte[] bytes = Bytes(body);
        KubeHttp.Answer answer = await _http.SendAsync(
            what, () => Request(HttpMethod.Delete, url, Json, bytes, Json), cancellationToken).ConfigureAwait(false);
        if (answer.Refusal is { IsMissingObject: true })
            return false;
        return answer.Refusal is { } refusal ? throw refusal.ToException(what) : true;
    }

    /// <summary>Lets the connections go.</summary>
    public void Dispose() => _http.Dispose();

    private async Task<KubeObject> WriteAsync(
        string what, HttpMethod method, string url, JsonNode body, string contentType, CancellationToken cancellationToken)
    {
        byte[] bytes = Bytes(body);
        KubeHttp.Answer answer = await _http.SendAsync(
            what, () => Request(method, url, Json, bytes, contentType), cancellationToken).ConfigureAwait(false);
        return Object(what, answer);
    }

    private KubeObject Object(string what, KubeHttp.Answer answer) => Read(what, answer, KubeObject.Parse);

    private T Read<T>(string what, KubeHttp.Answer answer, Func<ReadOnlyMemory<byte>, T> read)
    {
        if (answer.Refusal is { } refusal)
            throw refusal.ToException(what);
        try
        {
            return read(answer.Body);
        }
        catch (JsonException e)
        {
            // The parser's message may quote the text, which may hold a Secret.
            throw _http.Away(what, $"the answer is not the JSON asked for (line {e.LineNumber}, byte {e.BytePositionInLine})", null);
        }
    }

    private static ObjectPage Page(ReadOnlyMemory<byte> body)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("metadata", out JsonElement meta) || meta.ValueKind != JsonValueKind.Object)
            throw new JsonException("not a list");
        List<KubeObject> items = [];
        if (root.TryGetProperty("items", out JsonElement list) && list.ValueKind == JsonValueKind.Array)
        {
            items.EnsureCapacity(list.GetArrayLength());
            foreach (JsonElement item in list.EnumerateArray())
                items.Add(KubeObject.From(item.Clone()));
        }

        string? next = Text(meta, "continue");
        return new ObjectPage(items, Text(meta, "resourceVersion") ?? "", string.IsNullOrEmpty(next) ? null : next);
    }

    private static HttpRequestMessage Request(HttpMethod method, string url, string accept, byte[]? body = null, string? contentType = null)
    {
        HttpRequestMessage request = new(method, new Uri(url, UriKind.Relative));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType!);
        }

        return request;
    }

    private static string OfObject(string what, ResourceType type, ObjectKey key, string? subresource = null)
    {
        RequireNamespace(what, type, key.Namespace);
        // An empty name would address the whole collection, and a delete would empty it.
        if (string.IsNullOrEmpty(key.Name))
            throw new KubeException(KubeError.Invalid, $"{what}: metadata.name is empty");
        return KubeUrls.Path(type, key.Namespace, key.Name, subresource);
    }

    private static void RequireNamespace(string what, ResourceType type, string? space)
    {
        if (type.Namespaced && string.IsNullOrEmpty(space))
            throw new KubeException(KubeError.Invalid, $"{what}: metadata.namespace is empty");
    }

    private static ObjectKey KeyOf(JsonObject body)
    {
        JsonObject? meta = body["metadata"] as JsonObject;
        return new ObjectKey(Part(meta, "namespace"), Part(meta, "name"));

        static string Part(JsonObject? meta, string name) =>
            meta?[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
    }

    private static string What(string verb, ResourceType type, ObjectKey key, WriteOptions options) =>
        options.Subresource is { } sub ? $"{verb} {type} {key} ({sub})" : $"{verb} {type} {key}";

    private static string In(Selection selection) =>
        (selection.Namespace is { Length: > 0 } space ? $" in {space}" : " in all namespaces")
        + (selection.LabelSelector is { Length: > 0 } labels ? $" with {labels}" : "")
        + (selection.FieldSelector is { Length: > 0 } fields ? $" with {fields}" : "");

    private static byte[] Bytes(JsonNode body) => Encoding.UTF8.GetBytes(body.ToJsonString());

    private static (JsonNode Body, string ContentType, bool? Force) Content(Patch patch) => patch switch
    {
        // JSON is YAML; servers before 1.32 know no JSON name for an apply patch.
        Patch.Apply apply => (apply.Body, "application/apply-patch+yaml", apply.Force),
        Patch.Merge merge => (merge.Body, "application/merge-patch+json", null),
        Patch.Json json => (json.Operations, "application/json-patch+json", null),
        _ => throw new ArgumentException("no kind of patch", nameof(patch)),
    };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
