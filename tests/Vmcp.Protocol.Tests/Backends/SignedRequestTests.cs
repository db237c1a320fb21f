using System.Net;

using Vmcp.Core.Backends;
using Vmcp.Core.Identity;
using Vmcp.Protocol.Backends;

namespace Vmcp.Protocol.Tests.Backends;

/// <summary>Credentials of one request: whose goes out, and what happens when it is refused.</summary>
public sealed class SignedRequestTests
{
    private static readonly Backend Jira = new() { Name = "jira", Url = new Uri("http://jira.test/mcp") };
    private readonly List<(string Header, string? Value)[]> _sent = [];
    private readonly List<string> _reported = [];
    private readonly Queue<HttpStatusCode> _answers = new();
    private Caller? _asked;

    [Fact]
    [Trait("Threat", "8.1 Token passthrough")]
    public async Task Nothing_that_signs_the_client_in_goes_to_a_backend_even_if_it_is_handed_over()
    {
        using HttpResponseMessage response = await SendAsync(
            Unsigned,
            KeyValuePair.Create("authorization", "Bearer of-the-client"),
            KeyValuePair.Create("Cookie", "of-the-client"),
            KeyValuePair.Create("PROXY-AUTHORIZATION", "Basic of-the-client"),
            KeyValuePair.Create("X-Tenant", "blue"));

        _sent.ShouldHaveSingleItem().ShouldBe([("Accept", "application/json"), ("X-Tenant", "blue")]);
    }

    [Fact]
    public async Task The_signer_is_told_on_whose_behalf_and_has_the_last_word()
    {
        using HttpResponseMessage response = await SendAsync(
            (request, _, caller, _) =>
            {
                _asked = caller;
                request.Headers.Remove("X-Tenant");
                return default;
            },
            KeyValuePair.Create("X-Tenant", "blue"));

        _asked.ShouldBe(Caller.Anonymous);
        _sent.ShouldHaveSingleItem().ShouldBe([("Accept", "application/json")]);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task A_refused_credential_is_replaced_once_when_that_makes_sense(bool replaceable, int requests)
    {
        _answers.Enqueue(HttpStatusCode.Unauthorized);
        Issued credential = new(replaceable);

        using HttpResponseMessage response = await SendAsync((_, _, _, _) => new(credential));

        _sent.Count.ShouldBe(requests);
        credential.Refusals.ShouldBe(1);
        response.StatusCode.ShouldBe(replaceable ? HttpStatusCode.OK : HttpStatusCode.Unauthorized);
        _reported.ShouldBe(replaceable ? [] : ["jira"]);
    }

    [Fact]
    public async Task A_backend_that_refuses_the_second_one_too_is_not_asked_a_third_time()
    {
        for (int i = 0; i < 5; i++)
            _answers.Enqueue(HttpStatusCode.Unauthorized);
        Issued credential = new(true);

        using HttpResponseMessage response = await SendAsync((_, _, _, _) => new(credential));

        _sent.Count.ShouldBe(2);
        credential.Refusals.ShouldBe(2);
        _reported.ShouldBe(["jira"]);
    }

    [Fact]
    public async Task Without_a_credential_for_the_caller_nothing_is_sent()
    {
        await Should.ThrowAsync<CredentialException>(SendAsync((_, _, _, _) => throw new CredentialException("cannot be called: no")));

        _sent.ShouldBeEmpty();
    }

    private static ValueTask<IIssuedCredential?> Unsigned(HttpRequestMessage request, Backend backend, Caller? caller, CancellationToken cancellationToken) => default;

    private async Task<HttpResponseMessage> SendAsync(RequestSigner signer, params KeyValuePair<string, string>[] headers)
    {
        using HttpMessageInvoker invoker = new(new Recorder(this));
        BackendHttp http = new(Jira, invoker, signer, _reported.Add);
        return await http.SendAsync(
            url => BackendHttp.Create(HttpMethod.Get, url, default, "application/json"), Jira.Url, Caller.Anonymous, headers, TestContext.Current.CancellationToken);
    }

    private sealed class Issued(bool replaceable) : IIssuedCredential
    {
        public int Refusals { get; private set; }

        public bool Refused()
        {
            Refusals++;
            return replaceable;
        }
    }

    private sealed class Recorder(SignedRequestTests test) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            test._sent.Add([.. request.Headers.Select(h => (h.Key, (string?)string.Join(",", h.Value))).OrderBy(h => h.Key, StringComparer.Ordinal)]);
            return Task.FromResult(new HttpResponseMessage(test._answers.TryDequeue(out HttpStatusCode status) ? status : HttpStatusCode.OK));
        }
    }
}
