using System.Globalization;
using System.Text;

namespace Vmcp.Protocol.Tests.Json;

/// <summary>Writes random JSON with needless escapes and blanks.</summary>
internal sealed class RandomJson(int seed)
{
    private static readonly string[] Keys = ["name", "uri", "arguments", "_meta2", "x", "", "é", "a b", "taskId", "cursor", "\u0001", "level"];

    private readonly Random _random = new(seed);

    public int Below(int n) => _random.Next(n);

    public string Value(int depth = 0) => _random.Next(depth > 4 ? 5 : 8) switch
    {
        0 => "null",
        1 => _random.Next(2) == 0 ? "true" : "false",
        2 => Number(),
        3 or 4 => Text(Word()),
        5 => Array(depth),
        _ => Object(Keys.Where(_ => _random.Next(4) == 0).Select(k => (k, Value(depth + 1)))),
    };

    public string Number() => _random.Next(4) switch
    {
        0 => _random.Next(-1000, 1000).ToString(CultureInfo.InvariantCulture),
        1 => _random.NextInt64().ToString(CultureInfo.InvariantCulture),
        2 => "-0",
        _ => _random.NextDouble().ToString("F17", CultureInfo.InvariantCulture) + "E+" + _random.Next(400).ToString(CultureInfo.InvariantCulture),
    };

    public string Object(IEnumerable<(string Key, string Value)> members) =>
        "{" + Blank() + string.Join(Blank() + "," + Blank(), members.Select(m => Text(m.Key) + Blank() + ":" + Blank() + m.Value)) + Blank() + "}";

    public (string Key, string Value)[] Shuffle(params (string Key, string Value)[] members)
    {
        _random.Shuffle(members);
        return members;
    }

    public string Word() => string.Concat(Enumerable.Range(0, _random.Next(8)).Select(_ => (string[])["a", "Z", "é", "☃", "😀", "\"", "\\", "/", "\n", "\u0000", " "]).Select(l => l[_random.Next(l.Length)]));

    /// <summary>A JSON string in which any character may be escaped.</summary>
    public string Text(string text)
    {
        StringBuilder json = new("\"");
        foreach (char c in text)
        {
            bool must = c is '"' or '\\' or < ' ' || char.IsSurrogate(c);
            if (must || _random.Next(6) == 0)
                json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                json.Append(c);
        }

        return json.Append('"').ToString();
    }

    public string Blank() => (string[])["", "", "", " ", "\n", "\t\r\n "] is var blanks ? blanks[_random.Next(blanks.Length)] : "";

    private string Array(int depth) => "[" + Blank() + string.Join(Blank() + ",", Enumerable.Range(0, _random.Next(4)).Select(_ => Value(depth + 1))) + "]";
}
