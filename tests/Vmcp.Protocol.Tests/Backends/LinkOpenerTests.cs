using Vmcp.Core.Health;
using Vmcp.Protocol.Backends;
using Vmcp.TestKit;

namespace Vmcp.Protocol.Tests.Backends;

public sealed class LinkOpenerTests : IDisposable
{
    private readonly Wire _wire = new();

    public void Dispose() => _wire.Dispose();

    [Theory]
    [InlineData(BackendEra.Legacy, null, BackendDialect.Streamable, "2025-11-25")]
    [InlineData(BackendEra.Legacy, "2025-03-26", BackendDialect.Streamable, "2025-03-26")]
    [InlineData(BackendEra.Modern, null, BackendDialect.Modern, "2026-07-28")]
    [InlineData(BackendEra.HttpSse, null, BackendDialect.HttpSse, "2024-11-05")]
    public async Task The_dialect_of_a_backend_is_found_out(BackendEra era, string? revision, BackendDialect dialect, string spoken)
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
        {
            s.Era = era;
            if (revision is not null)
                s.Revision = revision;
            s.Tool("echo");
        });

        LinkOutcome outcome = await _wire.OpenAsync(backend);
        await using BackendLink link = outcome.Link.ShouldNotBeNull(outcome.Failure?.Reason);

        outcome.Dialect.ShouldBe(dialect);
        link.Revision.ShouldBe(spoken);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(405)]
    public async Task A_refused_POST_leads_to_the_older_transport(int status)
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
        {
            s.Era = BackendEra.HttpSse;
            s.PostToSseStatus = status;
            s.Tool("echo");
        });

        LinkOutcome outcome = await _wire.OpenAsync(backend);
        await using BackendLink link = outcome.Link.ShouldNotBeNull(outcome.Failure?.Reason);

        outcome.Dialect.ShouldBe(BackendDialect.HttpSse);
    }

    [Fact]
    public async Task A_known_dialect_is_not_probed()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();

        LinkOutcome outcome = await _wire.OpenAsync(backend, BackendDialect.Streamable);
        await using BackendLink link = outcome.Link.ShouldNotBeNull();

        backend.RequestsFor("server/discover").ShouldBeEmpty();
        backend.RequestsFor("initialize").Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(401, FailureCategory.AuthenticationFailed, true)]
    [InlineData(403, FailureCategory.AuthenticationFailed, true)]
    [InlineData(429, FailureCategory.BackendUnavailable, true)]
    [InlineData(500, FailureCategory.BackendUnavailable, false)]
    [InlineData(503, FailureCategory.BackendUnavailable, false)]
    public async Task An_HTTP_failure_is_told_by_its_kind_and_nothing_older_is_tried(int status, FailureCategory category, bool alive)
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        backend.Behaviour = Behaviour.Status(status, headers: ("Retry-After", "7"));

        LinkOutcome outcome = await _wire.OpenAsync(backend);

        outcome.Link.ShouldBeNull();
        outcome.Failure!.Category.ShouldBe(category);
        outcome.Failure.Alive.ShouldBe(alive);
        outcome.Failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
        backend.RequestsFor("initialize").ShouldBeEmpty();
    }

    [Fact]
    public async Task Garbage_and_closed_ports_are_failures_not_exceptions()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        using FreePort closed = FreePort.Reserve();
        foreach (Behaviour broken in (Behaviour[])[Behaviour.Garbage, Behaviour.Html, Behaviour.DropAfterHeaders, Behaviour.DropMidEvent])
        {
            backend.Behaviour = broken;
            LinkOutcome outcome = await _wire.OpenAsync(backend);
            outcome.Link.ShouldBeNull();
            outcome.Failure.ShouldNotBeNull();
        }

        LinkOutcome refused = await Wire.OpenAsync(_wire.Http(new Uri($"http://127.0.0.1:{closed.Number}/mcp")));
        refused.Failure!.Reason.ShouldBe("refused the connection");
        refused.Failure.Category.ShouldBe(FailureCategory.ConnectionFailed);
    }

    [Theory]
    [InlineData(BackendEra.Legacy)]
    [InlineData(BackendEra.Modern)]
    public async Task A_redirect_within_the_origin_is_followed_and_remembered(BackendEra era)
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync(s =>
        {
            s.Era = era;
            s.Tool("echo");
        });
        await using Redirector front = await Redirector.StartAsync(backend.Url);
        BackendHttp http = _wire.Http(front.Url);

        LinkOutcome outcome = await Wire.OpenAsync(http);
        await using BackendLink link = outcome.Link.ShouldNotBeNull(outcome.Failure?.Reason);

        http.Url.AbsolutePath.ShouldBe("/real");
        front.Redirects.ShouldBe(1);
    }

    [Fact]
    public async Task A_redirect_to_another_origin_is_refused()
    {
        await using ScriptedBackend elsewhere = await ScriptedBackend.StartAsync();
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        backend.Behaviour = Behaviour.RedirectTo(elsewhere.Url.ToString());

        LinkOutcome outcome = await _wire.OpenAsync(backend);

        outcome.Link.ShouldBeNull();
        outcome.Failure!.Reason.ShouldContain("redirected to another origin");
        elsewhere.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_opening_ends_with_its_token()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        backend.Behaviour = Behaviour.Hang;
        using CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(50));

        await Should.ThrowAsync<OperationCanceledException>(() => LinkOpener.OpenAsync(
            _wire.Http(backend.Url), BackendDialect.Unknown, BackendLink.Gateway, Wire.Identity, TimeProvider.System, soon.Token));

        await Eventually.BecomesAsync(() => backend.InFlight == 0, "the request is given up");
    }
}
