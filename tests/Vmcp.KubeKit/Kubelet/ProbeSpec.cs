using System.Net;
using System.Text.Json;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>One HTTP probe (core/v1 Probe).</summary>
/// <param name="Path">What is asked for.</param>
/// <param name="Port">Where.</param>
/// <param name="Period">How often.</param>
/// <param name="Timeout">How long an answer may take.</param>
/// <param name="Failures">After how many failures in a row it has failed.</param>
internal sealed record ProbeSpec(string Path, int Port, TimeSpan Period, TimeSpan Timeout, int Failures)
{
    public static ProbeSpec Of(JsonElement probe, int port, int speed) => new(
        PodSpec.At(probe, "httpGet", "path")?.GetString() ?? "/",
        port,
        TimeSpan.FromSeconds(Number(probe, "periodSeconds", 10)) / speed,
        TimeSpan.FromSeconds(Number(probe, "timeoutSeconds", 1)),
        Number(probe, "failureThreshold", 3) * speed);

    /// <summary>Asks once.</summary>
    public async Task<bool> AskAsync(HttpClient http, IPAddress address, CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        late.CancelAfter(Timeout);
        try
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri($"http://{address}:{Port}{Path}"), late.Token);
            return (int)answer.StatusCode is >= 200 and < 400;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static int Number(JsonElement probe, string name, int otherwise) =>
        probe.TryGetProperty(name, out JsonElement value) ? value.GetInt32() : otherwise;
}
