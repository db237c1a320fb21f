using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>
/// Names for a Legacy backend's questions, which have none. A form with one field is called by that field, so that a client
/// that knows the tool can answer ahead; the others by what they are.
/// </summary>
internal static class QuestionKeys
{
    /// <summary>A key that is not taken yet; the same conversation gives the same keys.</summary>
    public static string For(BackendMessage question, IEnumerable<string> taken)
    {
        HashSet<string> used = [.. taken];
        string name = FieldOf(question) ?? question.Method switch
        {
            Methods.Elicitation => "elicitation",
            Methods.Sampling => "sampling",
            Methods.RootsList => "roots",
            _ => "input",
        };
        string key = name;
        for (int i = 2; used.Contains(key); i++)
            key = $"{name}_{i}";
        return key;
    }

    private static string? FieldOf(BackendMessage question)
    {
        if (question.Method != Methods.Elicitation)
            return null;
        ReadOnlySpan<byte> parameters = question.Params.Span;
        ReadOnlySpan<byte> schema = parameters[RawJson.Find(parameters, "requestedSchema"u8)];
        ReadOnlySpan<byte> properties = schema[RawJson.Find(schema, "properties"u8)];
        if (!RawJson.IsObject(properties))
            return null;
        RawMembers members = new(properties);
        if (!members.MoveNext())
            return null;
        string? name = RawJson.ReadString(properties[members.Current.NameStart..members.Current.ValueStart]);
        return members.MoveNext() || name is not { Length: > 0 and <= 64 } ? null : name;
    }
}

/// <summary>The order of log levels (RFC 5424).</summary>
internal static class LogLevels
{
    private static readonly string[] Order = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

    /// <summary>Whether the level is one of the protocol's.</summary>
    public static bool IsKnown(string level) => Array.IndexOf(Order, level) >= 0;

    /// <summary>Whether a log message is at least as severe as wanted.</summary>
    public static bool Passes(BackendMessage message, string wanted)
    {
        string? level = RawJson.ReadString(message.Params.Span[RawJson.Find(message.Params.Span, "level"u8)]);
        return level is not null && Array.IndexOf(Order, level) >= Array.IndexOf(Order, wanted);
    }
}
