using System.Text;
using System.Text.Json;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Json;

namespace Vmcp.Protocol.Tests.Json;

public sealed class RandomMessageTests
{
    private const int Messages = 3000;

    [Fact]
    public void A_scan_finds_what_a_full_parse_finds()
    {
        for (int seed = 0; seed < Messages; seed++)
        {
            RandomJson random = new(seed);
            string text = Message(random);
            byte[] bytes = Encoding.UTF8.GetBytes(text);

            Envelope? found = EnvelopeScanner.Scan(bytes, out EnvelopeProblem? problem);

            problem.ShouldBeNull($"seed {seed}: {text}");
            using JsonDocument whole = JsonDocument.Parse(bytes);
            JsonElement root = whole.RootElement;
            found!.Method.ShouldBe(root.TryGetProperty("method", out JsonElement method) ? method.GetString() : "", $"seed {seed}");
            Check(found, found.Id, root, "id", seed);
            Check(found, found.Result, root, "result", seed);
            JsonElement parameters = root.TryGetProperty("params", out JsonElement p) ? p : default;
            Check(found, found[ParamKey.Name], parameters, "name", seed);
            Check(found, found[ParamKey.Uri], parameters, "uri", seed);
            Check(found, found[ParamKey.Arguments], parameters, "arguments", seed);
            Check(found, found[ParamKey.TaskId], parameters, "taskId", seed);
            Check(found, found[ParamKey.Level], parameters, "level", seed);
        }
    }

    [Fact]
    public void A_rebuild_that_drops_nothing_means_the_same()
    {
        for (int seed = 0; seed < Messages; seed++)
        {
            RandomJson random = new(seed);
            byte[] text = Encoding.UTF8.GetBytes(random.Object(random.Shuffle(("a", random.Value()), ("b\"", random.Value()), ("☃", random.Value()))));

            byte[] copy = RawJson.Rebuild(text, (ref RawMembers m) => false, default);

            using JsonDocument before = JsonDocument.Parse(text);
            using JsonDocument after = JsonDocument.Parse(copy);
            JsonElement.DeepEquals(before.RootElement, after.RootElement).ShouldBeTrue($"seed {seed}");
        }
    }

    [Fact]
    public void Another_id_leaves_the_rest_of_a_message_as_it_was()
    {
        for (int seed = 0; seed < Messages; seed++)
        {
            RandomJson random = new(seed);
            byte[] text = Encoding.UTF8.GetBytes(random.Object(random.Shuffle(("jsonrpc", "\"2.0\""), ("id", random.Number()), ("result", random.Value()))));

            ReadOnlyMemory<byte> changed = BackendMessage.Parse(text).WithId("\"new\""u8);

            using JsonDocument before = JsonDocument.Parse(text);
            using JsonDocument after = JsonDocument.Parse(changed);
            after.RootElement.GetProperty("id").GetString().ShouldBe("new", $"seed {seed}");
            after.RootElement.GetProperty("result").GetRawText().ShouldBe(before.RootElement.GetProperty("result").GetRawText(), $"seed {seed}");
        }
    }

    private static string Message(RandomJson random)
    {
        (string, string) version = ("jsonrpc", random.Text("2.0"));
        string id = random.Below(2) == 0 ? random.Number() : random.Text(random.Word());
        if (random.Below(4) == 0)
            return random.Object(random.Shuffle(version, ("id", id), ("result", random.Value())));
        (string, string) method = ("method", random.Text(random.Below(2) == 0 ? "tools/call" : "m" + random.Word()));
        string parameters = random.Object(random.Shuffle(
            ("name", random.Value()), ("uri", random.Value()), ("arguments", random.Value()), ("other", random.Value()), ("taskId", random.Value())));
        return random.Below(3) == 0
            ? random.Object(random.Shuffle(version, method))
            : random.Object(random.Shuffle(version, method, ("id", id), ("params", parameters)));
    }

    private static void Check(Envelope envelope, Range at, JsonElement holder, string name, int seed)
    {
        string expected = holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out JsonElement value) ? value.GetRawText() : "";
        Encoding.UTF8.GetString(envelope.Bytes(at)).ShouldBe(expected, $"{name}, seed {seed}");
    }
}
