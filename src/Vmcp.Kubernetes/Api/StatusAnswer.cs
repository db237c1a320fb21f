using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Vmcp.Kubernetes.Api;

/// <summary>What a refusal says (Kubernetes API conventions, Response Status Kind).</summary>
/// <param name="Code">The HTTP status.</param>
/// <param name="Reason">The machine's word, or empty when the answer was no Status object.</param>
/// <param name="Message">The server's words, cut to a bound.</param>
/// <param name="Target">The name of the object refused; empty when the answer is not about an object.</param>
/// <param name="RetryAfter">When to come back, or null.</param>
internal sealed record StatusAnswer(int Code, string Reason, string Message, string Target, TimeSpan? RetryAfter)
{
    private const int MaxMessage = 1024;
    // Servers ask for seconds; a proxy that asks for a day must not stop us for one.
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(5);

    public KubeError Error => (Code, Reason) switch
    {
        (401, _) => KubeError.Unauthorized,
        (403, _) => KubeError.Forbidden,
        (404, _) => KubeError.NotFound,
        (409, "AlreadyExists") => KubeError.AlreadyExists,
        (409, _) => KubeError.Conflict,
        (410, _) => KubeError.Expired,
        (400 or 422, _) => KubeError.Invalid,
        (429, _) => KubeError.TooManyRequests,
        _ when Code >= 500 => KubeError.ServerError,
        _ => KubeError.Other,
    };

    /// <summary>Whether a 404 speaks of the object, and not of a kind or path nobody serves.</summary>
    public bool IsMissingObject => Code == 404 && Reason == "NotFound" && Target.Length > 0;

    public static StatusAnswer Read(HttpStatusCode code, ReadOnlyMemory<byte> body, RetryConditionHeaderValue? retryAfter, DateTimeOffset now)
    {
        TimeSpan? wait = retryAfter?.Delta ?? retryAfter?.Date - now;
        StatusAnswer answer;
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            answer = Of(document.RootElement, (int)code);
        }
        catch (JsonException)
        {
            // A proxy or the mux of the server speaks plain text.
            answer = new StatusAnswer((int)code, "", Cut(Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, 4 * MaxMessage)])), "", null);
        }

        return wait is { } given ? answer with { RetryAfter = Bounded(given) } : answer;
    }

    /// <summary>Reads a Status object; the code of the answer counts where it names none.</summary>
    public static StatusAnswer Of(JsonElement status, int code)
    {
        if (status.ValueKind != JsonValueKind.Object)
            return new StatusAnswer(code, "", "", "", null);
        int said = status.TryGetProperty("code", out JsonElement c) && c.TryGetInt32OrNull() is { } number ? number : code;
        bool detailed = status.TryGetProperty("details", out JsonElement details) && details.ValueKind == JsonValueKind.Object;
        int? seconds = detailed && details.TryGetProperty("retryAfterSeconds", out JsonElement after) ? after.TryGetInt32OrNull() : null;
        return new StatusAnswer(
            said, Text(status, "reason"), Cut(Text(status, "message")), detailed ? Text(details, "name") : "",
            seconds is > 0 ? Bounded(TimeSpan.FromSeconds(seconds.Value)) : null);
    }

    public KubeException ToException(string what) => new(Error, $"{what}: {Code} {Words()}") { RetryAfter = RetryAfter };

    private static TimeSpan Bounded(TimeSpan wait) => TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, MaxWait.Ticks));

    private string Words() => (Reason, Message) switch
    {
        ("", "") => "without a word",
        ("", var message) => message,
        (var reason, "") => reason,
        var (reason, message) => $"{reason}: {message}",
    };

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static string Cut(string text)
    {
        string line = text.Trim().ReplaceLineEndings(" ");
        return line.Length <= MaxMessage ? line : line[..MaxMessage] + "...";
    }
}

/// <summary>Numbers that may be missing or something else.</summary>
internal static class JsonNumbers
{
    public static int? TryGetInt32OrNull(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int value) ? value : null;
}
