using System.Text;
using System.Text.Json;

using Microsoft.Extensions.Logging;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Threats;

/// <summary>Secrets planted at every place they can enter; then every output is searched for them.</summary>
[Trait("Threat", "8.7 Leaks in logs, errors, telemetry")]
public sealed class LeakTests
{
    private const string Claim = "canary-claim-department-e7";
    private const string Argument = "canary-argument-90ab";
    private const string Cookie = "canary-cookie-41f0";
    private const string Foreign = "canary-foreign-error-text-3d";
    private const string Passed = "canary-passed-header-6b";

    public static TheoryData<string, string> Troubles => new MatrixTheoryData<string, string>([Eras.Latest, Eras.Modern],
    [
        "none", "exchange refused", "exchange fails", "exchange says nonsense", "exchange cut", "provider down", "aws refuses", "backend 401", "backend 403", "backend 500",
        "backend nonsense", "backend cut", "backend gone", "backend error", "tool throws", "token refused", "malformed",
    ]);

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task No_planted_secret_comes_out_anywhere(string revision, string trouble)
    {
        using Outputs outputs = new();
        await using IdentityWorld identity = await IdentityWorld.StartAsync(
            more: (w, _) =>
            {
                w.LogLevel = LogLevel.Trace;
                w.Options = o => o with { Dashboard = true };
                w.Block("passthroughHeaders: [X-Env-Id]");
            },
            tool: _ => trouble == "tool throws" ? throw new RpcErrorException(-32000, "the tool's own words") : Task.FromResult(Handlers.TextResult("done")));
        TestWorld world = identity.World;
        foreach (string name in IdentityWorld.Names)
            world.Forgive(name);
        string token = identity.Token("ada", c => c["department"] = Claim);
        Dictionary<string, string> headers = IdentityWorld.As(token);
        headers["Cookie"] = Cookie;
        headers["X-Env-Id"] = Passed;
        Front client = await world.ConnectAsync(revision, headers: headers);
        string[] called = [.. IdentityWorld.Names.Except(IdentityWorld.Lacking)];
        if (trouble is "backend gone" or "backend cut" or "backend nonsense" or "none")
            await UseAsync(client, outputs); // credentials are kept by now

        using IDisposable? order = await MakeAsync(trouble, identity, called);
        await UseAsync(client, outputs);
        if (trouble == "token refused")
        {
            foreach (string bad in (string[])[token + "x", token[..^4], identity.Provider.Token("ada", "other", claims: c => c["department"] = Claim), "opaque-" + Foreign, Foreign])
            {
                using HttpRequestMessage request = new(HttpMethod.Post, world.Url) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + bad);
                using HttpResponseMessage refused = await world.SendAsync(request);
                ((int)refused.StatusCode).ShouldBe(401);
                outputs.Told("401", refused.Headers + await refused.Content.ReadAsStringAsync());
            }
        }

        if (trouble == "malformed")
        {
            foreach (string body in (string[])[$"{{\"{Argument}", $"{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{Argument}\"}}", $"[{Argument}]"])
                outputs.Told(body[..5], (await world.Modern(headers: headers).SendRawAsync(HttpMethod.Post, Encoding.UTF8.GetBytes(body))).ToString().Replace($"\"{Argument}\\\"", "", StringComparison.Ordinal));
        }

        // Probes have their own story to tell.
        int probes = world["plain"].Requests.Count;
        if (trouble == "backend gone")
            await world.HealthBecomesAsync("plain", "unhealthy");
        else if (trouble.StartsWith("backend", StringComparison.Ordinal))
            await Eventually.BecomesAsync(() => world["plain"].Requests.Count > probes + 1, "the next probes");
        (await outputs.FindAsync(world, Planted(identity, token, client))).ShouldBeEmpty();
        outputs.Measured.ShouldBeGreaterThan(0, "there are metrics to search");
    }

    [Fact]
    public async Task An_edit_with_secrets_in_wrong_places_is_refused_without_showing_them()
    {
        using Outputs outputs = new();
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.LogLevel = LogLevel.Trace;
            w.Options = o => o with { Dashboard = true };
        });
        string[] files =
        [
            $"backends: [{{name: a, url: 'http://user:{Foreign}@127.0.0.1:9/mcp'}}]\n",
            $"backends: [{{name: a, url: 'http://127.0.0.1:9/mcp'}}]\noutgoingAuth: {{source: inline, default: {{type: header_injection, headerInjection: {{headerName: X-A, headerValue: \"{Foreign}\\n\"}}}}}}\n",
            $"backends: [{{name: a, url: 'http://127.0.0.1:9/mcp'}}]\noutgoingAuth: {{source: inline, default: {{type: header_injection, headerInjection: {{headerName: X-A, headerValeu: {Foreign}}}}}}}\n",
            $"backends: [{{name: a, url: 'http://127.0.0.1:9/mcp'}}]\noutgoingAuth: {{source: inline, default: {{type: token_exchange, tokenExchange: {{tokenUrl: 'https://u:{Foreign}@idp.test/token', audience: a}}}}}}\n",
        ];
        foreach (string file in files)
        {
            string before = Error(await world.StatusAsync());
            await world.WriteFileAsync(file + $"# {Guid.NewGuid()}\n");
            await Eventually.BecomesAsync(async () => Error(await world.StatusAsync()) is { Length: > 0 } error && error != before, file);
            (await outputs.FindAsync(world, new Dictionary<string, string> { ["secret of the file"] = Foreign })).ShouldBeEmpty(file);
        }

        static string Error(JsonElement status) =>
            status.GetProperty("config").TryGetProperty("last_reload_error", out JsonElement error) ? error.GetRawText() : "";
    }

    private static async Task UseAsync(Front client, Outputs outputs)
    {
        outputs.Told("tools/list", (await client.CallAsync("tools/list")).ToString());
        foreach (string name in IdentityWorld.Names)
        {
            RpcAnswer answer = await client.CallToolAsync($"{name}_echo", $$"""{"input":"{{Argument}}"}""");
            outputs.Told(name, $"{answer} {string.Join(' ', answer.ResponseHeaders.Where(h => h.Key != "Mcp-Session-Id"))}");
            outputs.Told(name, (await client.CallAsync("resources/read", $$"""{"uri":"mem://{{name}}"}""")).ToString());
            outputs.Told(name, (await client.CallAsync("prompts/get", $$$"""{"name":"{{{name}}}_p","arguments":{"a":"{{{Argument}}}"}}""")).ToString());
        }

        outputs.Told("unknown", (await client.CallToolAsync("no_such_tool", $$"""{"input":"{{Argument}}"}""")).ToString());
    }

    private static async Task<IDisposable?> MakeAsync(string trouble, IdentityWorld identity, string[] called)
    {
        AuthAnswer Answers(int status, string body) => new(status, body) { Headers = [("X-Trouble", Foreign), ("WWW-Authenticate", $"Basic realm=\"{Foreign}\"")] };
        switch (trouble)
        {
            case "exchange refused":
                return Both(identity, Answers(400, $$"""{"error":"invalid_grant","error_description":"{{Foreign}}","error_uri":"https://{{Foreign}}.test"}"""));
            case "exchange fails":
                return Both(identity, Answers(500, $"<html>{Foreign}</html>"));
            case "exchange says nonsense":
                return Both(identity, Answers(200, $"{{\"access_token\":17,\"{Foreign}\":[\"{Foreign}\""));
            case "exchange cut":
                return Both(identity, AuthAnswer.Cut);
            case "provider down":
                await identity.Provider.StopAsync();
                await identity.Target.StopAsync();
                await identity.Sts.DisposeAsync();
                return null;
            case "aws refuses":
                identity.Sts.Fail("AccessDenied", 403, 100, Foreign);
                return null;
            case "backend error":
                Behave(identity, called, Behaviour.Status(200, $$$"""{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"own words"}}""", "application/json"));
                return null;
            case "backend 401" or "backend 403" or "backend 500":
                Behave(identity, called, Behaviour.Status(int.Parse(trouble[^3..], System.Globalization.CultureInfo.InvariantCulture), Foreign, "text/plain", ("WWW-Authenticate", $"Bearer realm=\"{Foreign}\"")));
                return null;
            case "backend nonsense":
                Behave(identity, called, Behaviour.Status(200, $"{{\"{Foreign}\": nonsense", "application/json"));
                return null;
            case "backend cut":
                Behave(identity, called, Behaviour.DropMidEvent);
                return null;
            case "backend gone":
                foreach (string name in called)
                    await identity.World[name].StopAsync();
                return null;
            default:
                return null;
        }
    }

    private static void Behave(IdentityWorld identity, string[] names, Behaviour behaviour)
    {
        foreach (string name in names)
            identity.World[name].Behaviour = behaviour;
    }

    private static Several Both(IdentityWorld identity, AuthAnswer answer) =>
        new(identity.Provider.Override(AuthKind.Token, answer), identity.Target.Override(AuthKind.Token, answer));

    private static Dictionary<string, string> Planted(IdentityWorld identity, string token, Front client)
    {
        Dictionary<string, string> planted = new()
        {
            ["header value"] = IdentityWorld.HeaderValue,
            ["client secret"] = IdentityWorld.ClientSecret,
            ["client secret in Basic"] = Convert.ToBase64String(Encoding.UTF8.GetBytes("gateway:" + IdentityWorld.ClientSecret)),
            ["claim"] = Claim,
            ["argument"] = Argument,
            ["cookie"] = Cookie,
            ["foreign text"] = Foreign,
            ["passed header"] = Passed,
            [Outputs.ProviderAddress] = identity.Provider.Issuer.Authority,
            ["target address"] = identity.Target.Issuer.Authority,
            ["sts address"] = identity.Sts.Url.Authority,
            ["aws secret"] = "secret-1",
            ["aws session"] = "session-1",
        };
        foreach ((string part, int i) in IdentityWorld.PartsOf(token).Select((p, i) => (p, i)))
            planted[$"token part {i}"] = part;
        foreach (string name in IdentityWorld.Names)
            planted[$"address of {name}"] = identity.World[name].Url.Authority;
        if (client.Legacy?.SessionId is { } session)
            planted["session id"] = session;
        IEnumerable<string> issued = IdentityWorld.Names.SelectMany(n => identity.World[n].Requests).Select(r => r.Header("Authorization")).OfType<string>()
            .Where(a => a.StartsWith("Bearer ", StringComparison.Ordinal)).Distinct();
        foreach ((string header, int i) in issued.Select((h, i) => (h, i)))
            planted[$"issued token {i}"] = header.Split('.')[^1];
        return planted;
    }

    private sealed class Several(params IDisposable[] all) : IDisposable
    {
        public void Dispose()
        {
            foreach (IDisposable one in all)
                one.Dispose();
        }
    }
}
