using System.Globalization;
using System.Text.Json;

using Microsoft.Extensions.Time.Testing;

using Vmcp.Auth.Outgoing;
using Vmcp.Auth.Outgoing.Caching;
using Vmcp.Core.Backends;
using Vmcp.Core.Health;
using Vmcp.Core.Identity;
using Vmcp.TestKit;

namespace Vmcp.Auth.Tests.Aws;

public sealed class AwsStsTests : IAsyncLifetime
{
    private const string Role = "arn:aws:iam::123456789012:role/dev";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private FakeSts _sts = null!;
    private OutgoingAuth _auth = null!;

    public async ValueTask InitializeAsync()
    {
        _sts = await FakeSts.StartAsync();
        _auth = Auth(name => name == "AWS_ENDPOINT_URL_STS" ? _sts.Url.AbsoluteUri : null);
    }

    public async ValueTask DisposeAsync()
    {
        await _auth.DisposeAsync();
        await _sts.DisposeAsync();
    }

    [Fact]
    public async Task Many_calls_of_a_user_take_one_role_once()
    {
        string[] keys = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => KeyAsync(User("ann"))));

        keys.Distinct().ShouldBe(["ASIAFAKE00000001"]);
        StsRequest asked = _sts.Requests.ShouldHaveSingleItem();
        asked.Field("Action").ShouldBe("AssumeRoleWithWebIdentity");
        asked.Field("Version").ShouldBe("2011-06-15");
        asked.Field("RoleArn").ShouldBe(Role);
        asked.Field("RoleSessionName").ShouldBe("ann");
        asked.Field("DurationSeconds").ShouldBe("900");
        asked.Field("WebIdentityToken").ShouldBe("token-of-ann");
        asked.Headers.Keys.ShouldNotContain("Authorization");
    }

    [Fact]
    public async Task Users_tokens_roles_and_backends_have_keys_of_their_own()
    {
        AwsStsStrategy other = Strategy() with { FallbackRoleArn = Role + "2" };
        string[] keys =
        [
            await KeyAsync(User("ann")),
            await KeyAsync(User("bob")),
            await KeyAsync(User("ann", token: "refreshed")),
            await KeyAsync(User("ann"), Backend("other")),
            await KeyAsync(User("ann"), Backend("alpha", other)),
            // The same subject of another issuer is somebody else, even with the same token text.
            await KeyAsync(new Caller(new Principal("https://elsewhere", "ann"), User("ann").Token)),
        ];

        keys.Distinct().Count().ShouldBe(keys.Length);
        _sts.Requests.Count.ShouldBe(keys.Length);
    }

    [Fact]
    public async Task A_changed_claim_of_the_same_token_changes_the_role()
    {
        Backend backend = Backend("alpha", Strategy() with { RoleMappings = [new("admins", null, Role + "-admin", null)] });

        await KeyAsync(User("ann", claims: """{"sub": "ann", "groups": ["admins"]}"""), backend);
        await KeyAsync(User("ann", claims: """{"sub": "ann", "groups": []}"""), backend);

        _sts.Requests.Select(r => r.Field("RoleArn")).ShouldBe([Role + "-admin", Role]);
    }

    [Fact]
    public async Task Keys_are_not_used_in_the_last_five_minutes()
    {
        _sts.Expiration = _time.GetUtcNow() + TimeSpan.FromHours(1);
        string first = await KeyAsync(User("ann"));
        _time.Advance(TimeSpan.FromMinutes(30));
        (await KeyAsync(User("ann"))).ShouldBe(first);

        _time.Advance(TimeSpan.FromMinutes(25));
        _sts.Expiration = _time.GetUtcNow() + TimeSpan.FromHours(1);

        (await KeyAsync(User("ann"))).ShouldNotBe(first);
    }

    [Fact]
    public async Task Keys_are_not_used_longer_than_the_token_they_were_made_from()
    {
        _sts.Expiration = _time.GetUtcNow() + TimeSpan.FromHours(1);
        Caller ann = User("ann", expiresAt: _time.GetUtcNow() + TimeSpan.FromMinutes(10));
        string first = await KeyAsync(ann);

        _time.Advance(TimeSpan.FromMinutes(11));

        (await KeyAsync(ann)).ShouldNotBe(first);
    }

    [Theory]
    [InlineData("ExpiredTokenException", 400, "AWS STS says that the caller's token is over; sign in again (ExpiredTokenException)", CredentialException.ReauthRequired)]
    [InlineData("InvalidIdentityToken", 400, "AWS STS does not accept the caller's token; the role must trust its issuer and audience in IAM (InvalidIdentityToken)", CredentialException.ExchangeFailed)]
    [InlineData("AccessDenied", 403, "AWS STS does not let the caller take the role (AccessDenied)", CredentialException.ExchangeFailed)]
    [InlineData("IDPCommunicationError", 400, "AWS STS cannot reach the identity provider for the moment; try again in a few seconds (IDPCommunicationError)", CredentialException.ExchangeFailed)]
    [InlineData("IDPRejectedClaim", 403, "AWS STS says that the identity provider does not stand by the caller's token; sign in again (IDPRejectedClaim)", CredentialException.ReauthRequired)]
    [InlineData("Throttling", 400, "AWS STS asks us to slow down (Throttling)", CredentialException.ExchangeFailed)]
    [InlineData("SomethingNew", 400, "AWS STS refused (HTTP 400)", CredentialException.ExchangeFailed)]
    [InlineData("ServiceUnavailable", 503, "AWS STS failed (HTTP 503)", CredentialException.ExchangeFailed)]
    public async Task A_refusal_is_told_in_our_words(string code, int status, string reason, string word)
    {
        _sts.Fail(code, status, times: 5, message: "planted-secret https://internal.example.org token-of-ann");

        CredentialException problem = await RefusedAsync(User("ann"));

        problem.Reason.ShouldBe("cannot be called: " + reason);
        problem.Code.ShouldBe(word);
        problem.ToString().ShouldNotContain("planted-secret");
        problem.ToString().ShouldNotContain("token-of-ann");
    }

    [Fact]
    public async Task A_refusal_is_remembered_for_a_moment_and_for_one_user()
    {
        _sts.Fail("AccessDenied", 403);
        await RefusedAsync(User("ann"));
        await RefusedAsync(User("ann"));
        _sts.Requests.Count.ShouldBe(1);

        (await KeyAsync(User("bob"))).ShouldNotBeNull();
        _time.Advance(TimeSpan.FromSeconds(6));
        (await KeyAsync(User("ann"))).ShouldNotBeNull();
    }

    [Fact]
    public async Task Nobody_gets_a_role_without_a_match_a_name_or_a_token()
    {
        (await RefusedAsync(User("ann"), Strategy() with { FallbackRoleArn = null, RoleMappings = [new("admins", null, Role, null)] })).Reason
            .ShouldBe("cannot be called: none of its awsSts.roleMappings matches the caller's claims, and there is no fallbackRoleArn");
        (await RefusedAsync(User("ann"), Strategy() with { SessionNameClaim = "email" })).Reason
            .ShouldBe("cannot be called: the caller's token has no claim \"email\" to name the AWS session by (awsSts.sessionNameClaim)");
        (await RefusedAsync(Caller.Anonymous)).Reason.ShouldContain("this caller has none");
        (await RefusedAsync(User("ann"), Strategy() with { SubjectProviderName = "okta" })).Reason.ShouldContain("needs the embedded authorization server");
        (await RefusedAsync(User("ann"), Strategy() with { RoleMappings = [new(null, "claims.(", Role, null)] })).Reason.ShouldContain("cannot be read");

        _sts.Requests.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Scenario", "OAUTH-06")]
    public async Task A_probe_goes_out_unsigned_and_takes_no_role()
    {
        using HttpRequestMessage request = Request();

        (await _auth.SignAsync(request, Backend("alpha"), null, TestContext.Current.CancellationToken)).ShouldBeNull();

        request.Headers.Contains("Authorization").ShouldBeFalse();
        _sts.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Refused_keys_are_replaced_once_in_a_while()
    {
        using HttpRequestMessage request = Request();
        IIssuedCredential first = (await _auth.SignAsync(request, Backend("alpha"), User("ann"), TestContext.Current.CancellationToken))!;
        first.IsRefusedBy(401).ShouldBeTrue();
        first.IsRefusedBy(403).ShouldBeTrue();
        first.IsRefusedBy(404).ShouldBeFalse();

        first.Refused().ShouldBeTrue();
        using HttpRequestMessage again = Request();
        IIssuedCredential second = (await _auth.SignAsync(again, Backend("alpha"), User("ann"), TestContext.Current.CancellationToken))!;
        second.Refused().ShouldBeFalse();

        _sts.Requests.Count.ShouldBe(2);
        KeyOf(again).ShouldBe("ASIAFAKE00000002");
    }

    [Theory]
    [InlineData("http://sts.example.org/", "eu-west-1", "AWS STS is not asked: the environment variable AWS_ENDPOINT_URL is not an absolute https URL without a user")]
    [InlineData(null, "evil.example.org/?", "AWS STS is not asked: its region is not an AWS region")]
    public async Task A_token_goes_nowhere_when_the_endpoint_is_in_doubt(string? endpoint, string region, string reason)
    {
        await using OutgoingAuth auth = Auth(name => name == "AWS_ENDPOINT_URL" ? endpoint : null);
        using HttpRequestMessage request = Request();

        CredentialException problem = await Should.ThrowAsync<CredentialException>(async () => await auth.SignAsync(
            request, Backend("alpha", Strategy() with { Region = region }), User("ann"), TestContext.Current.CancellationToken));

        problem.Reason.ShouldBe("cannot be called: " + reason);
        request.Headers.Contains("Authorization").ShouldBeFalse();
    }

    [Fact]
    public async Task An_away_STS_is_no_fault_of_the_credentials()
    {
        await _sts.DisposeAsync();

        CredentialException problem = await RefusedAsync(User("ann"));

        problem.Reason.ShouldBe("cannot be called: AWS STS cannot be reached");
        problem.Category.ShouldBe(FailureCategory.BackendUnavailable);
        problem.RetryAfter.ShouldNotBeNull();
    }

    private OutgoingAuth Auth(Func<string, string?> env) =>
        new(new OutgoingOptions { Time = _time, Env = env, Retries = 0, AttemptTimeout = TimeSpan.FromMinutes(1), Limits = new CredentialLimits() });

    private static AwsStsStrategy Strategy() => new() { Region = "eu-west-1", FallbackRoleArn = Role, SessionDuration = TimeSpan.FromMinutes(15) };

    private static Backend Backend(string name, AwsStsStrategy? strategy = null) =>
        new() { Name = name, Url = new Uri("https://mcp.example.org/mcp"), Strategy = strategy ?? Strategy() };

    private static Caller User(string name, string? token = null, string? claims = null, DateTimeOffset? expiresAt = null)
    {
        using JsonDocument json = JsonDocument.Parse(claims ?? $$"""{"sub": "{{name}}"}""");
        return new Caller(new Principal("https://idp", name), new SubjectToken(new Secret(token ?? $"token-of-{name}"), json.RootElement.Clone(), expiresAt));
    }

    private static HttpRequestMessage Request() => new(HttpMethod.Post, "https://mcp.example.org/mcp") { Content = new ReadOnlyMemoryContent("{}"u8.ToArray()) };

    private async Task<string> KeyAsync(Caller caller, Backend? backend = null)
    {
        using HttpRequestMessage request = Request();
        (await _auth.SignAsync(request, backend ?? Backend("alpha"), caller, TestContext.Current.CancellationToken)).ShouldNotBeNull();
        string key = KeyOf(request);
        int number = int.Parse(key["ASIAFAKE".Length..], CultureInfo.InvariantCulture);
        request.Headers.GetValues("X-Amz-Security-Token").Single().ShouldBe($"session-{number}");
        return key;
    }

    private static string KeyOf(HttpRequestMessage request) => request.Headers.GetValues("Authorization").Single().Split("Credential=")[1].Split('/')[0];

    private Task<CredentialException> RefusedAsync(Caller caller, AwsStsStrategy? strategy = null) => Should.ThrowAsync<CredentialException>(async () =>
    {
        using HttpRequestMessage request = Request();
        try
        {
            await _auth.SignAsync(request, Backend("alpha", strategy), caller, TestContext.Current.CancellationToken);
        }
        finally
        {
            request.Headers.Contains("Authorization").ShouldBeFalse();
        }
    });
}
