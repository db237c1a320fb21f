using System.Net;
using System.Text;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

using Vmcp.Auth.Http;

namespace Vmcp.Auth.Tests.Http;

public sealed class IdentityHttpTests : IAsyncLifetime
{
    private readonly List<string> _asked = [];
    private WebApplication _server = null!;
    private Func<HttpContext, Task> _answer = static context => context.Response.WriteAsync("fine");
    private Uri _url = null!;

    [Fact]
    public async Task Answer_comes_back_whole_with_its_status()
    {
        using IdentityHttp http = Http();

        IdentityAnswer.Answered answer = (await AskAsync(http)).ShouldBeOfType<IdentityAnswer.Answered>();

        answer.Status.ShouldBe(200);
        Encoding.UTF8.GetString(answer.Body.Span).ShouldBe("fine");
    }

    [Fact]
    [Trait("Threat", "8.4 SSRF")]
    public async Task Redirect_is_not_followed()
    {
        _answer = context =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = "/elsewhere";
            return Task.CompletedTask;
        };
        using IdentityHttp http = Http();

        (await AskAsync(http)).ShouldBeOfType<IdentityAnswer.Answered>().Status.ShouldBe(307);

        _asked.ShouldBe(["/ask"]);
    }

    [Fact]
    public async Task Server_error_is_asked_again_and_a_refusal_is_not()
    {
        _answer = context =>
        {
            context.Response.StatusCode = _asked.Count < 3 ? 502 : 400;
            return Task.CompletedTask;
        };
        using IdentityHttp http = Http();

        (await AskAsync(http)).ShouldBeOfType<IdentityAnswer.Answered>().Status.ShouldBe(400);

        _asked.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Answer_that_is_too_large_is_refused()
    {
        _answer = async context =>
        {
            byte[] block = new byte[64 * 1024];
            for (int i = 0; i < 17; i++)
                await context.Response.Body.WriteAsync(block);
        };
        using IdentityHttp http = Http();

        (await AskAsync(http)).ShouldBeOfType<IdentityAnswer.Unreachable>().Reason.ShouldContain("larger than");
    }

    [Fact]
    public async Task Silence_ends_after_the_attempts_with_a_reason()
    {
        _answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        using IdentityHttp http = Http(o => o with { AttemptTimeout = TimeSpan.FromMilliseconds(100), Retries = 1 });

        (await AskAsync(http)).ShouldBeOfType<IdentityAnswer.Unreachable>().Reason.ShouldBe("did not answer in time");
    }

    [Fact]
    [Trait("Threat", "8.4 SSRF")]
    public async Task Private_address_is_not_dialled_unless_allowed()
    {
        using IdentityHttp http = Http(o => o with { AllowPrivateAddresses = false });

        (await AskAsync(http)).ShouldBeOfType<IdentityAnswer.Unreachable>().Reason.ShouldContain("must not be dialled");

        _asked.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Threat", "8.4 SSRF")]
    public async Task Metadata_address_is_not_dialled_even_if_private_ones_are_allowed()
    {
        using IdentityHttp http = Http(o => o with { AllowHttp = true });

        IdentityAnswer answer = await http.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, "http://169.254.169.254/latest"), Limit());

        answer.ShouldBeOfType<IdentityAnswer.Unreachable>().Reason.ShouldContain("must not be dialled");
    }

    [Fact]
    [Trait("Threat", "8.4 SSRF")]
    public async Task Name_that_moves_to_a_private_address_gains_nothing()
    {
        int looked = 0;
        using IdentityHttp http = Http(o => o with
        {
            AllowHttp = true,
            AllowPrivateAddresses = false,
            AttemptTimeout = TimeSpan.FromSeconds(3),
            Retries = 0,
            Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(Interlocked.Increment(ref looked) == 1 ? "192.88.98.1" : "127.0.0.1")]),
        });
        UriBuilder moving = new(_url) { Host = "idp.example" };

        await http.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, moving.Uri), Limit());
        IdentityAnswer second = await http.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, moving.Uri), Limit());

        second.ShouldBeOfType<IdentityAnswer.Unreachable>().Reason.ShouldContain("must not be dialled");
        _asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Plain_http_is_for_this_machine_or_by_permission_only()
    {
        using IdentityHttp http = Http(o => o with { Resolve = static (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]) });
        UriBuilder elsewhere = new(_url) { Host = "idp.example" };

        (await http.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, elsewhere.Uri), Limit()))
            .ShouldBeOfType<IdentityAnswer.Unreachable>().Reason.ShouldContain("not https");

        _asked.ShouldBeEmpty();
    }

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(context =>
        {
            lock (_asked)
                _asked.Add(context.Request.Path);
            return _answer(context);
        });
        await _server.StartAsync();
        _url = new Uri(_server.Urls.First() + "/ask");
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private static CancellationToken Limit() => TestContext.Current.CancellationToken;

    private static IdentityHttp Http(Func<IdentityHttpOptions, IdentityHttpOptions>? change = null)
    {
        // A busy machine is no silent server: an attempt that is given up is made again, and counted twice.
        IdentityHttpOptions options = new() { AllowPrivateAddresses = true, AttemptTimeout = TimeSpan.FromSeconds(30) };
        return new IdentityHttp(change?.Invoke(options) ?? options, TimeProvider.System);
    }

    private Task<IdentityAnswer> AskAsync(IdentityHttp http) => http.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, _url), Limit());
}
