using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Vmcp.Quickstart;

/// <summary>The two servers of the quickstart.</summary>
internal static class Servers
{
    /// <summary>Keeps notes; speaks MCP 2025-11-25.</summary>
    public static TinyServer Notes()
    {
        ConcurrentQueue<string> notes = new();
        return new TinyServer(
            "notes",
            "2025-11-25",
            new Tool("add", "Keeps a note", """{"type":"object","properties":{"text":{"type":"string"}},"required":["text"]}""", arguments =>
            {
                string text = (string?)arguments["text"] ?? throw new ArgumentException("text is missing");
                notes.Enqueue(text);
                return $"Noted \"{text}\", note {notes.Count}.";
            }),
            new Tool("list", "All notes so far", """{"type":"object"}""", _ => notes.IsEmpty ? "No notes yet." : string.Join('\n', notes)));
    }

    /// <summary>Rolls dice; speaks MCP 2026-07-28.</summary>
    public static TinyServer Dice() => new(
        "dice",
        "2026-07-28",
        new Tool("roll", "Rolls dice", """{"type":"object","properties":{"sides":{"type":"integer","minimum":2,"default":6}}}""", arguments =>
        {
            int sides = arguments["sides"] is JsonValue value ? value.GetValue<int>() : 6;
            return (RandomNumberGenerator.GetInt32(Math.Max(2, sides)) + 1).ToString(CultureInfo.InvariantCulture);
        }));
}
