using Vmcp.Auth.Outgoing;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Auth;

/// <summary>Many calls and many users through the whole gateway to one backend with <c>token_exchange</c>.</summary>
public sealed class ManyUsersWireTests : IAsyncLifetime
{
    private const string Audience = "https://jira.example";

    // CredentialLimits.InFlight, as it is documented.
    private const int Bound = 64;
    private TestAuthorizationServer _idp = null!;

    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    [Trait("Scenario", "OAUTH-05")]
    public async Task A_thousand_calls_of_one_user_cause_one_exchange(string front)
    {
        await using TestWorld world = await StartAsync();
        Front ada = await world.ConnectAsync(front, headers: IssuersDoor.As(_idp.Token("ada")));
        await Eventually.BecomesAsync(async () => (await ada.CallToolAsync("alpha_echo", """{"input":"0"}""")).Text() == "0", "ada's list is there");

        for (int i = 0; i < 50; i++)
        {
            string[] said = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => ada.EchoAsync("alpha_echo", $"{n}")));
            said.ShouldBe(Enumerable.Range(0, 20).Select(n => $"{n}"));
        }

        world["alpha"].RequestsFor("tools/call").Count.ShouldBeGreaterThanOrEqualTo(1001);
        _idp.Count(TestAuthorizationServer.TokenExchange).ShouldBe(1);
    }

    [Fact]
    [Trait("Scenario", "OAUTH-05")]
    public async Task Two_hundred_users_at_once_cause_two_hundred_exchanges_and_each_comes_as_themselves()
    {
        await using TestWorld world = await StartAsync();
        _idp.Delay = TimeSpan.FromMilliseconds(50); // so that they meet at the token endpoint

        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            ModernClient user = world.Modern(headers: IssuersDoor.As(_idp.Token($"user-{i}")));
            await Eventually.BecomesAsync(
                async () => (await user.CallToolAsync("alpha_echo", $$"""{"input":"user-{{i}}"}""")).Text() == $"user-{i}", $"user {i} is served", TimeSpan.FromMinutes(2));
        }));

        foreach (RecordedRequest call in world["alpha"].RequestsFor("tools/call"))
        {
            string subject = (string)_idp.ClaimsOf(call.Header("Authorization")!["Bearer ".Length..])!["sub"]!;
            subject.ShouldBe(call.Params.GetProperty("arguments").GetProperty("input").GetString());
        }

        _idp.Count(TestAuthorizationServer.TokenExchange).ShouldBe(200);
        _idp.MaxInFlight.ShouldBeLessThanOrEqualTo(Bound);
    }

    public async ValueTask InitializeAsync() => _idp = await TestAuthorizationServer.StartAsync(o => o.Algorithms = ["ES256"]);

    public async ValueTask DisposeAsync() => await _idp.DisposeAsync();

    private async Task<TestWorld> StartAsync()
    {
        TestWorld world = await TestWorld.LiveAsync(w =>
        {
            (w.Interval, w.Timeout) = (600, 20); // no probe of its own accord
            w.Incoming = new IssuersDoor(_idp);
            // A slow machine is no failing token endpoint: a request that is given up and repeated would be counted twice.
            w.Outgoing = new OutgoingAuth(new OutgoingOptions { AttemptTimeout = TimeSpan.FromSeconds(25) });
            w.Backend("alpha");
        });
        await world.UseExchangeAsync(_idp, Audience);
        return world;
    }
}
