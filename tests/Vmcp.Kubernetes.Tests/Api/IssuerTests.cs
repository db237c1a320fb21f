using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Tests.Support;

namespace Vmcp.Kubernetes.Tests.Api;

/// <summary>An API server as an issuer of tokens.</summary>
public sealed class IssuerTests
{
    private const string Discovery = """{"issuer":"https://cluster.example","jwks_uri":"https://10.0.0.1:6443/openid/v1/jwks"}""";

    [Fact]
    public async Task Name_and_public_keys_are_read_at_the_server_itself_in_a_fixed_order_and_nothing_private()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(
            ScriptedApi.Answer(200, Discovery),
            ScriptedApi.Answer(200, """{"keys":[{"n":"2","kid":"b","kty":"RSA","e":"AQAB","d":"hidden"},{"kty":"EC","kid":"a","crv":"P-256","x":"1","y":"2","use":"sig","alg":"ES256"}]}"""));
        using KubeClient client = api.Client();

        IssuerKeys read = await ((ITokenIssuer)client).ReadAsync(CancellationToken.None);

        read.Issuer.ShouldBe("https://cluster.example");
        read.KeySet.ShouldBe("""{"keys":[{"kty":"EC","kid":"a","use":"sig","alg":"ES256","crv":"P-256","x":"1","y":"2"},{"kty":"RSA","kid":"b","n":"2","e":"AQAB"}]}""");
        api.Requests.Select(r => r.Url).ShouldBe(["/.well-known/openid-configuration", "/openid/v1/jwks"]);
    }

    [Theory]
    [InlineData("{}", """{"keys":[{"kid":"a"}]}""")]
    [InlineData("[]", """{"keys":[{"kid":"a"}]}""")]
    [InlineData(Discovery, "{}")]
    [InlineData(Discovery, """{"keys":[]}""")]
    [InlineData(Discovery, "no JSON")]
    public async Task An_answer_without_issuer_or_keys_is_no_answer(string discovery, string keys)
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(ScriptedApi.Answer(200, discovery), ScriptedApi.Answer(200, keys));
        using KubeClient client = api.Client();

        KubeException e = await Should.ThrowAsync<KubeException>(() => ((ITokenIssuer)client).ReadAsync(CancellationToken.None));

        e.Error.ShouldBe(KubeError.Unreachable);
        e.Message.ShouldContain("the answer is not the JSON asked for");
    }

    [Fact]
    public async Task A_refusal_says_what_was_asked()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(ScriptedApi.Status(403, "Forbidden", "no"));
        using KubeClient client = api.Client();

        KubeException e = await Should.ThrowAsync<KubeException>(() => ((ITokenIssuer)client).ReadAsync(CancellationToken.None));

        (e.Error, e.Message).ShouldBe((KubeError.Forbidden, "read the issuer of tokens: 403 Forbidden: no"));
    }
}
