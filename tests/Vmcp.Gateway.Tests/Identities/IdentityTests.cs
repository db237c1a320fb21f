using System.Text.Json;

using Vmcp.Core.Backends;
using Vmcp.Core.Health;
using Vmcp.Core.Identity;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Identities;
using Vmcp.Gateway.Sessions;

namespace Vmcp.Gateway.Tests.Identities;

/// <summary>When a backend is asked for a user, and what becomes of the answer.</summary>
public sealed class IdentityTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_gateway_without_per_user_backends_has_nothing_to_ask()
    {
        _bench.Put("open", perUser: false, Bench.Lists("echo"));
        _bench.Now.PerUser.IsEmpty.ShouldBeTrue();
        _bench.Now.Catalog.Tools.Entries.Select(e => e.Key).ShouldBe(["open_echo"]);
    }

    [Fact]
    public void What_a_probe_saw_of_a_per_user_backend_is_shown_to_nobody()
    {
        _bench.Put("own", perUser: true, Bench.Lists("echo"));
        _bench.Now.Catalog.ToolRoutes.ShouldBeEmpty();
        _bench.Tools(_bench.User("alice")).ShouldBeEmpty();
    }

    [Fact]
    public void A_backend_that_becomes_per_user_is_hidden_at_once_and_one_that_was_is_shown()
    {
        _bench.Put("own", perUser: false, Bench.Lists("echo"));
        _bench.Now.Catalog.ToolRoutes.Keys.ShouldBe(["own_echo"]);
        _bench.Put("own", perUser: true, Bench.Lists("echo"));
        _bench.Now.Catalog.ToolRoutes.ShouldBeEmpty();
        _bench.Put("own", perUser: false, Bench.Lists("echo"));
        _bench.Now.Catalog.ToolRoutes.Keys.ShouldBe(["own_echo"]);
    }

    [Fact]
    public void Each_backend_is_asked_once_and_again_when_its_lists_are_old()
    {
        _bench.Put("one", perUser: true);
        _bench.Put("two", perUser: true);
        Identity alice = _bench.User("alice");
        List<Question> asked = _bench.Ask(alice);
        asked.Select(q => q.Backend.Name).ShouldBe(["one", "two"]);
        _bench.Ask(alice).ShouldBeEmpty();
        foreach (Question question in asked)
            _bench.Answer(alice, question, Bench.Lists("echo"));
        _bench.Ask(alice).ShouldBeEmpty();
        _bench.Time.Advance(TimeSpan.FromMinutes(4.9));
        _bench.Ask(alice).ShouldBeEmpty();
        _bench.Time.Advance(TimeSpan.FromMinutes(0.2));
        _bench.Ask(alice).Count.ShouldBe(2);
        _bench.Tools(alice).ShouldBe(["one_echo", "two_echo"], "the old lists are served meanwhile");
    }

    [Fact]
    public void A_client_waits_only_for_a_backend_it_knows_nothing_of()
    {
        _bench.Put("own", perUser: true);
        Identity alice = _bench.User("alice");
        List<Question> started = [];
        alice.Ask(_bench.Now.PerUser, _bench.Time.GetTimestamp(), started.Add).ShouldBe(started);
        alice.Ask(_bench.Now.PerUser, _bench.Time.GetTimestamp(), started.Add).ShouldBe(started);
        _bench.Answer(alice, started.ShouldHaveSingleItem(), Bench.Lists("echo"));
        alice.Outdate("own");
        alice.Ask(_bench.Now.PerUser, _bench.Time.GetTimestamp(), started.Add).ShouldBeNull();
        started.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(FailureCategory.AuthenticationFailed, new[] { 5, 10, 20, 40, 80, 160, 300, 300 })]
    [InlineData(FailureCategory.Timeout, new[] { 5, 10, 20, 40, 60, 60 })]
    public void A_backend_that_gave_no_lists_is_asked_again_after_a_pause_that_grows_to_a_bound(FailureCategory failure, int[] pauses)
    {
        _bench.Put("own", perUser: true);
        Identity alice = _bench.User("alice");
        Question question = _bench.Ask(alice).ShouldHaveSingleItem();
        foreach (int seconds in pauses)
        {
            _bench.Answer(alice, question, null, failure);
            _bench.Time.Advance(TimeSpan.FromSeconds(seconds - 0.1));
            _bench.Ask(alice).ShouldBeEmpty();
            _bench.Time.Advance(TimeSpan.FromSeconds(0.2));
            question = _bench.Ask(alice).ShouldHaveSingleItem();
        }
    }

    [Fact]
    public void A_request_that_took_the_time_earlier_and_comes_later_waits_as_well()
    {
        _bench.Put("own", perUser: true);
        Identity alice = _bench.User("alice");
        List<Question> started = [];
        long later = _bench.Time.GetTimestamp();
        alice.Ask(_bench.Now.PerUser, later, started.Add).ShouldNotBeNull();

        alice.Ask(_bench.Now.PerUser, later - 1, started.Add).ShouldBe(started);
    }

    [Fact]
    public void Who_was_refused_is_asked_for_at_once_after_a_new_login_and_two_proofs_in_turn_are_none()
    {
        Caller before = Proof("before", minutes: 10);
        Caller after = Proof("after", minutes: 60);
        _bench.Put("own", perUser: true);
        Identity alice = new(new IdentityKey(before.Principal, ClientCapabilities.None), before, told: null, _bench.Shared);
        for (int refusals = 0; refusals < 3; refusals++)
        {
            _bench.Answer(alice, _bench.Ask(alice).ShouldHaveSingleItem(), null, FailureCategory.AuthenticationFailed);
            _bench.Time.Advance(TimeSpan.FromSeconds(refusals < 2 ? 11 : 0));
        }

        alice.Use(before, _bench.Time.GetTimestamp());
        _bench.Ask(alice).ShouldBeEmpty();
        alice.Use(after, _bench.Time.GetTimestamp());
        _bench.Answer(alice, _bench.Ask(alice).ShouldHaveSingleItem(), null, FailureCategory.AuthenticationFailed);
        foreach (Caller proof in new[] { before, after, before, after })
        {
            alice.Use(proof, _bench.Time.GetTimestamp());
            _bench.Ask(alice).ShouldBeEmpty();
        }

        Caller Proof(string text, int minutes) => new(
            Users.Caller("alice").Principal,
            new SubjectToken(new Secret(text), JsonSerializer.SerializeToElement(new { sub = "alice" }), _bench.Time.GetUtcNow().AddMinutes(minutes)));
    }

    [Fact]
    public void A_wait_the_backend_asks_for_is_kept_within_the_bound()
    {
        _bench.Put("own", perUser: true);
        Identity alice = _bench.User("alice");
        _bench.Answer(alice, _bench.Ask(alice)[0], null, FailureCategory.BackendUnavailable, retryAfter: TimeSpan.FromSeconds(30));
        _bench.Time.Advance(TimeSpan.FromSeconds(29));
        _bench.Ask(alice).ShouldBeEmpty();
        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        _bench.Answer(alice, _bench.Ask(alice).ShouldHaveSingleItem(), null, FailureCategory.BackendUnavailable, retryAfter: TimeSpan.FromDays(1));
        _bench.Time.Advance(TimeSpan.FromSeconds(61));
        _bench.Ask(alice).Count.ShouldBe(1);
    }

    [Fact]
    public void Who_is_refused_loses_the_lists_and_who_is_not_answered_keeps_them()
    {
        _bench.Put("own", perUser: true);
        Identity alice = _bench.User("alice");
        _bench.Answer(alice, _bench.Ask(alice)[0], Bench.Lists("echo"));
        _bench.Tools(alice).ShouldBe(["own_echo"]);
        alice.Outdate("own");
        _bench.Answer(alice, _bench.Ask(alice)[0], null, FailureCategory.Timeout);
        _bench.Tools(alice, out ListChanges none).ShouldBe(["own_echo"]);
        none.ShouldBe(ListChanges.None);
        alice.Outdate("own");
        _bench.Answer(alice, _bench.Ask(alice)[0], null, FailureCategory.AuthenticationFailed);
        _bench.Tools(alice, out ListChanges changes).ShouldBeEmpty();
        changes.ShouldBe(ListChanges.Tools);
    }

    [Fact]
    public void Lists_that_changed_while_they_were_read_are_read_once_more()
    {
        _bench.Put("own", perUser: true);
        Identity alice = _bench.User("alice");
        Question question = _bench.Ask(alice)[0];
        alice.Outdate("own");
        alice.Outdate("own");
        alice.Take(question, new OwnAnswer(Bench.Lists("echo"), null), TimeSpan.FromMinutes(5), _bench.Time, out bool again).ShouldBeTrue();
        again.ShouldBeTrue();
        alice.Drop(question);
        _bench.Ask(alice).Count.ShouldBe(1);
    }

    [Fact]
    public void An_answer_of_a_backend_that_was_replaced_meanwhile_does_not_count()
    {
        _bench.Put("own", perUser: true);
        Identity alice = _bench.User("alice");
        Question late = _bench.Ask(alice)[0];
        _bench.Put("own", perUser: true, port: 2);
        Question next = _bench.Ask(alice).ShouldHaveSingleItem();
        _bench.Answer(alice, late, Bench.Lists("old"));
        _bench.Tools(alice).ShouldBeEmpty();
        _bench.Answer(alice, next, Bench.Lists("new"));
        _bench.Tools(alice).ShouldBe(["own_new"]);
    }

    [Fact]
    public void Lists_of_another_place_are_not_shown_as_those_of_this_one()
    {
        _bench.Put("own", perUser: true);
        Identity alice = _bench.User("alice");
        _bench.Answer(alice, _bench.Ask(alice)[0], Bench.Lists("echo"));
        _bench.Put("own", perUser: true);
        _bench.Tools(alice).ShouldBe(["own_echo"], "an edit in place keeps them until it answered");
        _bench.Put("own", perUser: true, port: 2);
        _bench.Tools(alice).ShouldBeEmpty();
        _bench.Remove("own");
        _bench.Ask(alice);
        _bench.Put("own", perUser: true);
        _bench.Tools(alice).ShouldBeEmpty();
    }

    [Fact]
    public void Equal_lists_and_their_catalog_are_kept_once()
    {
        _bench.Put("own", perUser: true);
        (Identity alice, Identity bob, Identity carol) = (_bench.User("alice"), _bench.User("bob"), _bench.User("carol"));
        _bench.Answer(alice, _bench.Ask(alice)[0], Bench.Lists("a", "b"));
        _bench.Answer(bob, _bench.Ask(bob)[0], Bench.Lists("a", "b"));
        _bench.Answer(carol, _bench.Ask(carol)[0], Bench.Lists("a", "c"));
        GatewaySnapshot one = alice.Show(() => _bench.Now, out _), two = bob.Show(() => _bench.Now, out _), other = carol.Show(() => _bench.Now, out _);
        two.Catalog.ShouldBeSameAs(one.Catalog);
        other.Catalog.ShouldNotBeSameAs(one.Catalog);
        other.Catalog.Tools.Entries.Select(e => e.Key).ShouldBe(["own_a", "own_c"]);
    }

    [Fact]
    public void A_move_of_health_alone_makes_no_catalog_anew()
    {
        _bench.Put("open", perUser: false, Bench.Lists("echo"));
        _bench.Put("own", perUser: true);
        Identity alice = _bench.User("alice");
        _bench.Answer(alice, _bench.Ask(alice)[0], Bench.Lists("a"));
        GatewaySnapshot before = alice.Show(() => _bench.Now, out _);
        _bench.SetHealth("open", HealthStatus.Degraded);
        GatewaySnapshot after = alice.Show(() => _bench.Now, out ListChanges changes);
        after.ShouldNotBeSameAs(before);
        after.Catalog.ShouldBeSameAs(before.Catalog);
        changes.ShouldBe(ListChanges.None);
    }
}
