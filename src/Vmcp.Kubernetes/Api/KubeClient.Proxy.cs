using System.Globalization;
using System.Text.Json;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Api;

/// <summary>The way through the API server to a pod.</summary>
public sealed partial class KubeClient : IPodProxy
{
    /// <inheritdoc/>
    async Task<PodAnswer> IPodProxy.GetAsync(ObjectKey pod, int port, string path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        string what = $"ask Pod {pod} for /{path}";
        string url = KubeUrls.Path(BuiltIn.Pod, pod.Namespace)
            + $"/{Uri.EscapeDataString(pod.Name)}:{port.ToString(CultureInfo.InvariantCulture)}/proxy/{path}";
        KubeHttp.Answer answer = await _http.SendAsync(what, () => Request(HttpMethod.Get, url, Json), cancellationToken).ConfigureAwait(false);
        if (answer.Refusal is not { } refusal)
            return new PodAnswer(200, answer.Body);
        // The API server speaks for itself with a Status object; any other body is the pod's.
        return IsStatus(answer.Body) ? throw refusal.ToException(what) : new PodAnswer(refusal.Code, answer.Body);
    }

    private static bool IsStatus(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("kind", out JsonElement kind) && kind.ValueKind == JsonValueKind.String && kind.GetString() == "Status";
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
