using System.Text;

namespace Vmcp.TestKit;

/// <summary>Writes one event as text; a payload with line breaks becomes several data lines.</summary>
internal static class SseText
{
    /// <summary>A message that is written as an empty comment instead of an event.</summary>
    public const string KeepAlive = ":";

    public static byte[] Event(string data, string? id = null, string type = "message", string newline = "\n")
    {
        if (data == KeepAlive)
            return Encoding.UTF8.GetBytes(KeepAlive + newline + newline);
        var text = new StringBuilder();
        text.Append("event: ").Append(type).Append(newline);
        if (id is not null)
            text.Append("id: ").Append(id).Append(newline);
        foreach (string line in data.ReplaceLineEndings("\n").Split('\n'))
            text.Append("data: ").Append(line).Append(newline);
        return Encoding.UTF8.GetBytes(text.Append(newline).ToString());
    }

    public static byte[] Priming(string id, int retryMilliseconds, string newline = "\n") =>
        Encoding.UTF8.GetBytes($"id: {id}{newline}retry: {retryMilliseconds}{newline}data: {newline}{newline}");
}
