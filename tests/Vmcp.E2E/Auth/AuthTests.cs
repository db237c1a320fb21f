using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.E2E.World;
using Vmcp.KubeKit.Kubelet;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.E2E.Auth;

public sealed class DiscoveredAuthTests(DiscoveredAuthHub hub) : AuthTests(hub), IClassFixture<DiscoveredAuthHub>;

public sealed class InlineAuthTests(InlineAuthHub hub) : AuthTests(hub), IClassFixture<InlineAuthHub>;

/// <summary>Who may come in, and as whom the gateway goes out, by whole processes; the same in both modes.</summary>
public abstract class AuthTests(AuthHub hub)
{
    [Fact]
    [Trait("Scenario", "IAUTH-01")]
    public async Task Only_a_token_of_the_issuer_for_this_gateway_comes_in()
    {
        Login alice = hub.NewUser("alice");
        foreach (PodView pod in hub.Pods)
        {
            RefusedAs(null, await PostAsync(pod, null));
            RefusedAs("invalid_token", await PostAsync(pod, hub.Idp.Token(alice.Subject, "another-gateway")));
            RefusedAs("invalid_token", await PostAsync(pod, hub.Idp.Token(alice.Subject, AuthHub.Audience, tweak: TokenTweak.Expired)));
            RefusedAs("invalid_token", await PostAsync(pod, hub.Idp.Token(alice.Subject, AuthHub.Audience, tweak: TokenTweak.ForeignKey)));
            RefusedAs("invalid_token", await PostAsync(pod, hub.Idp.Token(alice.Subject, AuthHub.Audience, tweak: TokenTweak.AlgNone)));

            await using LegacyClient legacy = await LegacyClient.ConnectAsync(Space.At(pod), headers: alice.Headers);
            await using ModernClient modern = new(Space.At(pod), headers: alice.Headers);
            (await legacy.ListToolNamesAsync()).ShouldBe(["alpha_echo", "beta_echo"], ignoreOrder: true);
            (await modern.CallToolAsync("alpha_echo", """{"input":"in"}""")).Text().ShouldBe("in");
        }

        hub.Alpha.Requests.ShouldAllBe(r => r.Header("Authorization") == null);
        await hub.Space.IsNowhereAsync(alice.Token);
    }

    [Fact]
    [Trait("Scenario", "IAUTH-01")]
    public async Task Probes_and_metadata_need_no_token()
    {
        using HttpClient http = new();
        PodView pod = hub.Pods[0];
        foreach (string path in (string[])["/health", "/readyz", "/status"])
            (await http.GetAsync(Space.At(pod, path))).StatusCode.ShouldBe(HttpStatusCode.OK, path);
        foreach (string path in (string[])["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"])
        {
            using JsonDocument metadata = JsonDocument.Parse(await http.GetStringAsync(Space.At(pod, path)));
            metadata.RootElement.GetProperty("resource").GetString().ShouldBe($"http://vmcp-hub.{hub.Space.Name}.svc.cluster.local:4483/mcp");
            metadata.RootElement.GetProperty("authorization_servers").EnumerateArray().Select(a => a.GetString()).ShouldBe([hub.Idp.Issuer.OriginalString]);
        }
    }

    [Fact]
    public async Task Keys_that_are_rotated_at_the_issuer_need_no_restart()
    {
        string[] before = [.. hub.Pods.Select(p => p.Uid)];
        Login alice = hub.NewUser("alice");
        List<ModernClient> clients = [.. hub.Pods.Select(p => new ModernClient(Space.At(p), headers: alice.Headers))];
        foreach (ModernClient client in clients)
            (await client.CallToolAsync("alpha_echo", """{"input":"old key"}""")).Text().ShouldBe("old key");

        hub.Idp.RotateKeys();
        alice.Refresh();

        foreach (ModernClient client in clients)
        {
            await Eventually.BecomesAsync(
                async () => (await client.CallToolAsync("alpha_echo", """{"input":"new key"}""")).HttpStatus == 200, "a token of the new key comes in", Space.Limit);
            await client.DisposeAsync();
        }

        hub.Pods.Select(p => p.Uid).ShouldBe(before);
    }

    [Fact]
    [Trait("Scenario", "SESS-03")]
    public async Task A_session_is_only_its_owners_on_every_replica()
    {
        Login alice = hub.NewUser("alice"), bob = hub.NewUser("bob");
        await using LegacyClient own = await LegacyClient.ConnectAsync(Space.At(hub.Pods[0]), headers: alice.Headers);
        string planted = $"stolen-{hub.Mode}";

        foreach (PodView pod in hub.Pods)
        {
            await using LegacyClient thief = Same(own, pod, bob);
            RpcAnswer stolen = await thief.CallToolAsync("alpha_echo", $$"""{"input":"{{planted}}"}""");
            await using LegacyClient nobody = Same(own, pod, bob);
            nobody.SessionId = "an-id-that-never-was";
            RpcAnswer unknown = await nobody.CallToolAsync("alpha_echo", $$"""{"input":"{{planted}}"}""");
            (stolen.HttpStatus, stolen.RawText).ShouldBe((404, unknown.RawText), "as one that never was");
            (await thief.DeleteAsync()).HttpStatus.ShouldBe(404);
        }

        hub.Alpha.Requests.ShouldAllBe(r => !r.BodyText.Contains(planted, StringComparison.Ordinal));
        alice.Refresh();
        foreach (PodView pod in hub.Pods)
        {
            await using LegacyClient later = Same(own, pod, alice);
            (await later.CallToolAsync("alpha_echo", """{"input":"still mine"}""")).Text().ShouldBe("still mine");
        }
    }

    [Fact]
    [Trait("Scenario", "OAUTH-05")]
    public async Task Each_users_token_is_exchanged_once_and_never_serves_another()
    {
        Login alice = hub.NewUser("alice"), bob = hub.NewUser("bob");
        PodView pod = hub.Pods[0];
        await using LegacyClient legacy = await LegacyClient.ConnectAsync(Space.At(pod), headers: alice.Headers);
        await using ModernClient modern = new(Space.At(pod), headers: bob.Headers);

        await Task.WhenAll(Enumerable.Range(0, 2).SelectMany(n => (IEnumerable<Task>)
        [
            CallAsync(alice, input => legacy.CallToolAsync("beta_echo", input)),
            CallAsync(bob, input => modern.CallToolAsync("beta_echo", input)),
        ]));
        await CallAsync(alice, input => legacy.CallToolAsync("beta_echo", input));
        await CallAsync(bob, input => modern.CallToolAsync("beta_echo", input));

        foreach (Login user in (Login[])[alice, bob])
        {
            AuthRequest exchange = hub.Idp.RequestsFor(TestAuthorizationServer.TokenExchange).Where(r => r.Field("subject_token") == user.Token).ShouldHaveSingleItem();
            (exchange.ClientId, exchange.ClientSecret).ShouldBe(("hub-client", hub.ClientSecret));
            exchange.Field("audience").ShouldBe(AuthHub.BetaAudience);
            exchange.Field("scope")!.Split(' ').ShouldBe(["tools:call", "tools:read"], ignoreOrder: true);
            RecordedRequest[] calls = [.. hub.Beta.Requests.Where(r => r.Method == "tools/call" && InputOf(r) == user.Subject)];
            calls.Length.ShouldBe(3);
            foreach (RecordedRequest call in calls)
            {
                string token = call.Header("Authorization").ShouldNotBeNull()["Bearer ".Length..];
                token.ShouldNotBe(user.Token);
                JsonObject claims = hub.Idp.ClaimsOf(token).ShouldNotBeNull();
                ((string?)claims["sub"], (string?)claims["aud"]).ShouldBe((user.Subject, AuthHub.BetaAudience));
                await hub.Space.IsNowhereAsync(token);
            }
        }

        await hub.Space.IsNowhereAsync(alice.Token, bob.Token, hub.ClientSecret);
        await SecretComesByAsync();
    }

    [Fact]
    [Trait("Scenario", "OAUTH-06")]
    public async Task Health_checks_need_no_user()
    {
        List<string> seen = [];
        int before = Probes();

        await Eventually.BecomesAsync(
            async () =>
            {
                foreach (PodView pod in hub.Pods)
                    seen.AddRange((await AuthHub.StatusAsync(pod)).Where(b => b.GetProperty("name").GetString() == "beta").Select(b => b.GetProperty("health").GetString()!));
                await Task.Delay(TimeSpan.FromMilliseconds(250));
                return Probes() >= before + (3 * hub.Pods.Count);
            },
            "several rounds of checks went by",
            Space.Limit);

        seen.Distinct().ShouldBe(["healthy"]);
        AuthRequest[] own = [.. hub.Idp.RequestsFor(TestAuthorizationServer.ClientCredentials)];
        own.ShouldNotBeEmpty();
        own.ShouldAllBe(r => r.ClientId == "hub-client" && r.ClientSecret == hub.ClientSecret && r.Field("audience") == AuthHub.BetaAudience);
        (await hub.Space.BackendBecomesAsync("hub", "beta", "ready")).Status.DiscoveredBackends.Single(b => b.Name == "beta").AuthType.ShouldBe("token_exchange");

        // Requests to beta that are nobody's call.
        int Probes() => hub.Beta.Requests.Count(r => r.Method is not "tools/call" && SubjectOf(r) == "hub-client");
    }

    /// <summary>The Secret reaches an inline pod as a variable and a discovered one by its name and its right.</summary>
    private async Task SecretComesByAsync()
    {
        const string name = "TOOLHIVE_TOKEN_EXCHANGE_CLIENT_SECRET_AS_THE_USER";
        KubeObject deployment = (await hub.Space.FindAsync(BuiltIn.Deployment, "hub"))!;
        JsonElement[] variables =
        [
            .. deployment.At("spec", "template", "spec", "containers")!.Value[0].GetProperty("env").EnumerateArray().Where(e => e.GetProperty("name").GetString() == name),
        ];
        KubeObject? role = await hub.Space.FindAsync(BuiltIn.Role, "hub-vmcp");
        if (hub.Mode == "inline")
        {
            JsonElement source = variables.ShouldHaveSingleItem().GetProperty("valueFrom").GetProperty("secretKeyRef");
            (source.GetProperty("name").GetString(), source.GetProperty("key").GetString()).ShouldBe(("client", "token"));
            role.ShouldBeNull();
            return;
        }

        variables.ShouldBeEmpty();
        role.ShouldNotBeNull().At("rules")!.Value.EnumerateArray()
            .Single(r => r.GetProperty("resources").EnumerateArray().Any(n => n.GetString() == "secrets"))
            .GetProperty("resourceNames").EnumerateArray().Select(n => n.GetString()).ShouldBe(["client"]);
    }

    private string? SubjectOf(RecordedRequest request) =>
        request.Header("Authorization") is { } value && hub.Idp.ClaimsOf(value["Bearer ".Length..]) is { } claims ? (string?)claims["sub"] : null;

    private static string? InputOf(RecordedRequest call) => call.Params.GetProperty("arguments").GetProperty("input").GetString();

    private static async Task CallAsync(Login user, Func<string, Task<RpcAnswer>> call) =>
        (await call($$"""{"input":"{{user.Subject}}"}""")).Text().ShouldBe(user.Subject);

    private static LegacyClient Same(LegacyClient session, PodView pod, Login user)
    {
        LegacyClient client = LegacyClient.Unconnected(Space.At(pod), user.Headers);
        (client.SessionId, client.ProtocolVersion) = (session.SessionId, session.ProtocolVersion);
        return client;
    }

    private static async Task<RpcAnswer> PostAsync(PodView pod, string? token)
    {
        await using LegacyClient client = LegacyClient.Unconnected(Space.At(pod), token is null ? null : new Dictionary<string, string> { ["Authorization"] = $"Bearer {token}" });
        return await client.SendRawAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}"""u8.ToArray());
    }

    private static void RefusedAs(string? error, RpcAnswer answer)
    {
        answer.HttpStatus.ShouldBe(401, answer.ToString());
        string challenge = answer.Header("WWW-Authenticate").ShouldNotBeNull();
        challenge.ShouldStartWith("Bearer ");
        challenge.ShouldContain("resource_metadata=\"");
        if (error is null)
            challenge.ShouldNotContain("error=");
        else
            challenge.ShouldContain($"error=\"{error}\"");
    }
}
