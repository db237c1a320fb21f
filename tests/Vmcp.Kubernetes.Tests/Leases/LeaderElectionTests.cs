using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Vmcp.Kubernetes.Leases;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Tests.Support;
using Vmcp.TestKit;

namespace Vmcp.Kubernetes.Tests.Leases;

public sealed class LeaderElectionTests : IAsyncDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));
    private readonly LeaseServer _server = new();
    private readonly ListLogger _log = new();
    private readonly List<Candidate> _candidates = [];

    public async ValueTask DisposeAsync()
    {
        foreach (Candidate candidate in _candidates)
        {
            candidate.Line.Hangs = false;
            await candidate.End.CancelAsync();
            await Task.WhenAny(candidate.Run.WaitAsync(Eventually.DefaultLimit));
            candidate.End.Dispose();
        }
    }

    [Fact]
    public async Task The_first_makes_the_lease_and_leads()
    {
        Candidate one = await LeadAsync("one");

        one.Working.ShouldBeTrue();
        _server.Stored!["spec"]!.ToJsonString().ShouldBe(
            """{"holderIdentity":"one","leaseDurationSeconds":15,"acquireTime":"2026-01-31T12:00:00.000000Z","renewTime":"2026-01-31T12:00:00.000000Z","leaseTransitions":0}""");
    }

    [Fact]
    public async Task The_leader_renews_every_two_seconds_and_who_stands_by_never_writes()
    {
        Candidate one = await LeadAsync("one");
        Candidate two = Start("two");
        int writes = _server.Writes;

        await MoveAsync(TimeSpan.FromMinutes(1));

        one.Election.IsLeader.ShouldBeTrue();
        two.Election.IsLeader.ShouldBeFalse();
        two.Election.Holder.ShouldBe("one");
        (_server.Writes - writes).ShouldBeInRange(20, 31);
    }

    [Fact]
    public async Task A_leader_whose_renewals_break_in_a_way_nobody_thought_of_stops_working_in_time()
    {
        Candidate one = await LeadAsync("one");

        one.Line.Bug = new FormatException("no header has such a value");
        await MoveAsync(TimeSpan.FromSeconds(15));

        (await one.Run.WaitAsync(Eventually.DefaultLimit)).ShouldBe(LeadershipEnd.Lost);
        one.Working.ShouldBeFalse();
    }

    [Fact]
    public async Task A_lease_is_given_back_although_the_answer_to_its_last_renewal_was_lost()
    {
        Candidate one = await LeadAsync("one");
        int writes = _server.Writes;
        one.Line.LosesAnswers = true;
        await _time.AdvanceUntilAsync(Step, () => _server.Writes > writes, "a renewal");
        one.Line.LosesAnswers = false;

        await one.End.CancelAsync();
        await one.Run.WaitAsync(Eventually.DefaultLimit);

        _server.Holder.ShouldBe("");
    }

    [Fact]
    public async Task A_leader_that_cannot_renew_stops_after_ten_seconds_and_the_next_begins_after_fifteen()
    {
        Candidate one = await LeadAsync("one");
        Candidate two = Start("two");
        await _time.AdvanceUntilAsync(Step, () => two.Election.Holder == "one", "two sees one");

        one.Line.Hangs = true;
        TimeSpan stopped = await _time.AdvanceUntilAsync(Step, () => one.Run.IsCompleted, "one stops");
        two.Election.IsLeader.ShouldBeFalse();
        TimeSpan begun = stopped + await _time.AdvanceUntilAsync(Step, () => two.Election.IsLeader, "two leads");

        (await one.Run).ShouldBe(LeadershipEnd.Lost);
        one.Working.ShouldBeFalse();
        one.Election.IsLeader.ShouldBeFalse();
        stopped.ShouldBeInRange(TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(14));
        begun.ShouldBeInRange(TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(25));
        _server.Transitions.ShouldBe(1);
        _log.Of(4032).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_short_trouble_is_survived()
    {
        Candidate one = await LeadAsync("one");
        one.Line.Down = true;
        await MoveAsync(TimeSpan.FromSeconds(6));
        one.Line.Down = false;
        await MoveAsync(TimeSpan.FromSeconds(30));

        one.Election.IsLeader.ShouldBeTrue();
        one.Working.ShouldBeTrue();
    }

    [Fact]
    public async Task A_renewal_whose_answer_is_lost_is_not_taken_for_another_s_lease()
    {
        Candidate one = await LeadAsync("one");
        one.Line.LosesAnswers = true;
        await MoveAsync(TimeSpan.FromSeconds(3));
        one.Line.LosesAnswers = false;
        await MoveAsync(TimeSpan.FromSeconds(30));

        one.Election.IsLeader.ShouldBeTrue();
    }

    [Fact]
    public async Task Somebody_s_label_on_the_lease_stays_and_costs_no_lead()
    {
        Candidate one = await LeadAsync("one");

        _server.Edit(l => l["metadata"]!["labels"] = new JsonObject { ["team"] = "x" });
        await MoveAsync(TimeSpan.FromSeconds(30));

        one.Election.IsLeader.ShouldBeTrue();
        _server.Stored!["metadata"]!["labels"]!["team"]!.GetValue<string>().ShouldBe("x");
    }

    [Fact]
    public async Task A_lease_taken_by_another_or_deleted_ends_the_lead_at_once()
    {
        Candidate one = await LeadAsync("one");
        _server.Edit(l => l["spec"]!["holderIdentity"] = "thief");
        (await _time.AdvanceUntilAsync(Step, () => one.Run.IsCompleted, "one stops")).ShouldBeLessThan(TimeSpan.FromSeconds(5));
        (await one.Run).ShouldBe(LeadershipEnd.Lost);
        _server.Holder.ShouldBe("thief");
        _server.Remove();

        Candidate two = await LeadAsync("two");
        _server.Remove();
        await _time.AdvanceUntilAsync(Step, () => two.Run.IsCompleted, "two stops");
        (await two.Run).ShouldBe(LeadershipEnd.Lost);
    }

    [Fact]
    public async Task The_clock_in_the_lease_does_not_count_only_how_long_we_saw_it_unchanged()
    {
        Candidate one = await LeadAsync("one");
        await one.End.CancelAsync();
        await one.Run;
        // A holder whose clock is a year behind, renewing each three seconds.
        _server.Edit(l =>
        {
            l["spec"]!["holderIdentity"] = "slow-clock";
            l["spec"]!["leaseDurationSeconds"] = 15;
        });
        Candidate two = Start("two");
        for (int i = 0; i < 10; i++)
        {
            _server.Edit(l => l["spec"]!["renewTime"] = MicroTime.Format(_time.GetUtcNow().AddYears(-1)));
            await MoveAsync(TimeSpan.FromSeconds(3));
            two.Election.IsLeader.ShouldBeFalse();
        }

        (await _time.AdvanceUntilAsync(Step, () => two.Election.IsLeader, "two leads")).ShouldBeInRange(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(22));
    }

    [Fact]
    public async Task At_the_end_the_lease_is_kept_until_the_work_ended_and_then_given_back()
    {
        TaskCompletionSource mayEnd = new();
        Candidate one = await LeadAsync("one", afterwards: mayEnd.Task);
        Candidate two = Start("two");
        await _time.AdvanceUntilAsync(Step, () => two.Election.Holder == "one", "two sees one");

        await one.End.CancelAsync();
        await MoveAsync(TimeSpan.FromSeconds(30));
        _server.Holder.ShouldBe("one");
        two.Election.IsLeader.ShouldBeFalse();
        mayEnd.SetResult();

        (await one.Run.WaitAsync(Eventually.DefaultLimit)).ShouldBe(LeadershipEnd.Stopped);
        _server.Holder.ShouldBe("");
        (await _time.AdvanceUntilAsync(Step, () => two.Election.IsLeader, "two leads")).ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task What_the_work_throws_arrives_and_the_lease_is_given_back()
    {
        LeaderElection election = Election(new LeaseLine(_server), "one");

        (await Should.ThrowAsync<InvalidOperationException>(
            () => election.RunAsync(_ => throw new InvalidOperationException("bug"), CancellationToken.None))).Message.ShouldBe("bug");

        _server.Holder.ShouldBe("");
    }

    [Fact]
    public async Task Work_that_ends_by_itself_ends_the_lead()
    {
        (await Election(new LeaseLine(_server), "one").RunAsync(_ => Task.CompletedTask, CancellationToken.None)).ShouldBe(LeadershipEnd.WorkEnded);

        _server.Holder.ShouldBe("");
    }

    [Fact]
    public async Task Who_stands_by_can_be_stopped_and_a_server_that_is_down_is_waited_for()
    {
        Candidate one = Start("one", line => line.Down = true);
        await MoveAsync(TimeSpan.FromSeconds(30));
        one.Election.IsLeader.ShouldBeFalse();
        _log.Of(4033).ShouldNotBeEmpty();

        one.Line.Down = false;
        await _time.AdvanceUntilAsync(Step, () => one.Election.IsLeader, "one leads");
        Candidate two = Start("two");
        await MoveAsync(TimeSpan.FromSeconds(3));
        await two.End.CancelAsync();

        (await two.Run.WaitAsync(Eventually.DefaultLimit)).ShouldBe(LeadershipEnd.Stopped);
        _server.Holder.ShouldBe("one");
    }

    private LeaderElection Election(LeaseLine line, string identity) => new(
        line, new LeaderElectionOptions { Lease = new ObjectKey("a", "lead"), Identity = identity }, _time, _log);

    private async Task<Candidate> LeadAsync(string identity, Task? afterwards = null)
    {
        Candidate candidate = Start(identity, afterwards: afterwards);
        await Eventually.BecomesAsync(() => candidate.Working, $"{identity} leads");
        return candidate;
    }

    private Candidate Start(string identity, Action<LeaseLine>? prepare = null, Task? afterwards = null)
    {
        LeaseLine line = new(_server);
        prepare?.Invoke(line);
        Candidate candidate = new(line, Election(line, identity));
        candidate.Begin(afterwards ?? Task.CompletedTask);
        _candidates.Add(candidate);
        return candidate;
    }

    private async Task MoveAsync(TimeSpan by)
    {
        for (TimeSpan moved = TimeSpan.Zero; moved < by; moved += Step)
        {
            await Clock.SettleAsync();
            _time.Advance(Step);
        }

        await Clock.SettleAsync();
    }

    private sealed class Candidate(LeaseLine line, LeaderElection election)
    {
        private volatile bool _working;

        public LeaseLine Line => line;

        public LeaderElection Election => election;

        public CancellationTokenSource End { get; } = new();

        public bool Working => _working;

        public Task<LeadershipEnd> Run { get; private set; } = Task.FromResult(LeadershipEnd.Stopped);

        public void Begin(Task afterwards) => Run = election.RunAsync(
            async token =>
            {
                _working = true;
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, token);
                }
                finally
                {
                    await afterwards;
                    _working = false;
                }
            },
            End.Token);
    }
}
