using System.Text;
using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Threats;

/// <summary>What a reader in front of the gateway, the gateway and a backend could each understand differently.</summary>
[Trait("Threat", "8.6 Header and body smuggling")]
public sealed class SmugglingTests
{
    private const string Mirrored =
        """{"name":"echo","inputSchema":{"type":"object","properties":{"input":{"type":"string"},"region":{"type":"string","x-mcp-header":"Region"}}}}""";

    [Theory]
    [InlineData("legacy")]
    [InlineData("modern")]
    public async Task No_malformed_request_reaches_a_backend(string back)
    {
        await using TestWorld world = await TestWorld.OneAsync(back, s => s.Tool("echo", rawJson: Mirrored).Tool("other"));
        LegacyClient client = await world.LegacyAsync();
        IReadOnlyList<SmugglingCorpus.Case> corpus = SmugglingCorpus.All(client.SessionId!);
        corpus.Count.ShouldBeGreaterThanOrEqualTo(60);
        List<string> wrong = [];
        foreach (SmugglingCorpus.Case malformed in corpus)
        {
            int before = world["alpha"].RequestsFor("tools/call").Count;
            if (malformed.Name == "body of a DELETE")
                client = await world.LegacyAsync(); // the old session is not needed any more
            RawAnswer answer = await RawHttp.SendAsync(world.Url, malformed.Bytes, malformed.Leaves);
            if (world["alpha"].RequestsFor("tools/call").Count > before || answer.Text.Contains(SmugglingCorpus.Word, StringComparison.Ordinal))
                wrong.Add($"{malformed.Name} came through: {answer.Text}");
            else if (answer.Status == 500)
                wrong.Add($"{malformed.Name} is an error of ours: {answer.Text}");
        }

        wrong.ShouldBeEmpty();
        (await client.CallToolAsync("alpha_echo", """{"input":"fine"}""")).Text().ShouldBe("fine");
        world.Logs.All.ShouldAllBe(l => !l.StartsWith("Error", StringComparison.Ordinal), "what a client sends is no error of ours");
    }

    [Fact]
    public async Task What_reaches_a_backend_is_what_a_strict_reader_reads()
    {
        const int Tries = 1500;
        await using TestWorld world = await TestWorld.StartAsync(w => w.Backend("alpha", s => s.Tool("echo").Tool("other")));
        LegacyClient client = await world.LegacyAsync();
        int seed = Environment.TickCount;
        Random random = new(seed);
        byte[] valid = Encoding.UTF8.GetBytes(
            """{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"alpha_echo","arguments":{"input":"x","name":"alpha_other","method":"ping"},"_meta":{"a":1}}}""");
        int reached = 0;
        for (int i = 0; i < Tries; i++)
        {
            byte[] body = Mutate(valid, random);
            int before = world["alpha"].RequestsFor("tools/call").Count;
            await client.SendRawAsync(body);
            RecordedRequest[] seen = [.. world["alpha"].RequestsFor("tools/call").Skip(before)];
            if (seen.Length == 0)
                continue;
            reached++;
            string what = $"seed {seed}, try {i}: {Encoding.UTF8.GetString(body)}";
            seen.Length.ShouldBe(1, what);
            using JsonDocument read = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = true });
            JsonElement parameters = Only(read.RootElement, "params", what);
            Only(read.RootElement, "method", what).GetString().ShouldBe("tools/call", what);
            Only(parameters, "name", what).GetString().ShouldBe("alpha_" + seen[0].Params.GetProperty("name").GetString(), what);
            if (parameters.TryGetProperty("arguments", out JsonElement arguments))
                seen[0].Params.GetProperty("arguments").GetRawText().ShouldBe(arguments.GetRawText(), what);
        }

        reached.ShouldBeGreaterThan(0, "some mutations are harmless");
        world.Forgive("alpha"); // a mutated _meta may well break rules of the backend
    }

    [Theory]
    [InlineData("ada.1", "eve.1")]
    [InlineData("eve.1", "ada.1")]
    [InlineData("ada.1", "ada.1")]
    public async Task Two_authorization_fields_are_nobodys_proof(string first, string second)
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.Incoming = new NamedDoor();
        });
        LegacyClient ada = await world.LegacyAsync(headers: NamedDoor.As("ada.1"));
        const string Call = """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"alpha_echo","arguments":{"input":"x"}}}""";
        RawAnswer answer = await RawHttp.SendAsync(world.Url, RawHttp.Compose(
            "POST", "/mcp",
            [
                "Host: localhost", "Connection: close", "Content-Type: application/json", "Accept: application/json, text/event-stream", $"Mcp-Session-Id: {ada.SessionId}",
                $"Authorization: Bearer {first}", $"authorization: Bearer {second}", $"Content-Length: {Call.Length}",
            ],
            Encoding.ASCII.GetBytes(Call)));
        answer.Status.ShouldBeOneOf(400, 401);
        world["alpha"].RequestsFor("tools/call").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/mcp/")]
    [InlineData("//mcp")]
    [InlineData("/MCP")]
    [InlineData("/%6dcp")]
    [InlineData("/mcp%2f")]
    [InlineData("/mcp;x=1")]
    [InlineData("/./mcp")]
    [InlineData("/status/../mcp")]
    [InlineData("/.well-known/oauth-protected-resource/../../mcp")]
    [InlineData("/.well-known/oauth-protected-resource/mcp/../../../mcp")]
    [InlineData("/health/..%2fmcp")]
    [InlineData("/mcp?x=/health")]
    [InlineData("/mcp#/health")]
    [InlineData("/")]
    [InlineData("*")]
    public async Task No_spelling_of_the_path_leads_around_the_door(string target)
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.Incoming = new NamedDoor();
        });
        const string Call = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"w","version":"1"}}}""";
        RawAnswer answer = await RawHttp.SendAsync(world.Url, RawHttp.Compose(
            "POST", target,
            ["Host: localhost", "Connection: close", "Content-Type: application/json", "Accept: application/json, text/event-stream", $"Content-Length: {Call.Length}"],
            Encoding.ASCII.GetBytes(Call)));
        answer.Status.ShouldBeOneOf(400, 401, 404, 405);
        answer.Text.ShouldNotContain("serverInfo");
        world.Gateway.Sessions.Count.ShouldBe(0);
    }

    private static JsonElement Only(JsonElement parent, string name, string what) =>
        parent.EnumerateObject().Where(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase)).ShouldHaveSingleItem(what).Value;

    // Cuts, doubles, swaps and changes pieces, mostly at places where JSON has its joints.
    private static byte[] Mutate(byte[] valid, Random random)
    {
        List<byte> body = [.. valid];
        int[] joints = [.. Enumerable.Range(0, valid.Length).Where(i => valid[i] is (byte)'"' or (byte)',' or (byte)':' or (byte)'{' or (byte)'}')];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int at = Math.Min(joints[random.Next(joints.Length)], body.Count - 1);
            int length = Math.Min(random.Next(1, 30), body.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    body.InsertRange(random.Next(body.Count), body.GetRange(at, length));
                    break;
                case 1:
                    body.RemoveRange(at, Math.Min(length, 3));
                    break;
                case 2:
                    body[at] = (byte)random.Next(256);
                    break;
                case 3:
                    body.InsertRange(at, ",\"method\":\"ping\""u8.ToArray());
                    break;
                case 4:
                    body.InsertRange(at, ",\"name\":\"alpha_other\""u8.ToArray());
                    break;
                default:
                    int letter = random.Next(body.Count);
                    body[letter] = (byte)char.ToUpperInvariant((char)body[letter]);
                    break;
            }
        }

        return [.. body];
    }
}
