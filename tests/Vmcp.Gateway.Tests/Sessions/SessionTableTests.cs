using System.Security.Cryptography;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

using Vmcp.Core.Identity;
using Vmcp.Gateway.Hosting;
using Vmcp.Gateway.Sessions;

namespace Vmcp.Gateway.Tests.Sessions;

/// <summary>What needs two principals or a clock that a test moves.</summary>
public sealed class SessionTableTests
{
    private static readonly Caller Alice = new(new Principal("https://idp.example", "alice"));
    private static readonly Caller Bob = new(new Principal("https://idp.example", "bob"));
    private static readonly Caller AliceElsewhere = new(new Principal("https://other.example", "alice"));

    [Fact]
    [Trait("Scenario", "SESS-03")]
    public async Task Another_principal_gets_nothing_and_the_owner_keeps_the_session()
    {
        await using Bench bench = new();
        Session session = bench.Open(Alice);
        bench.Table.Find(session.Id, Bob).ShouldBeNull();
        bench.Table.Find(session.Id, AliceElsewhere).ShouldBeNull();
        bench.Table.Find(session.Id, Caller.Anonymous).ShouldBeNull();
        bench.Table.Find(session.Id, new Caller(new Principal("https://idp.example", "alice"))).ShouldBeSameAs(session, "a refreshed token is the same principal");
        session.Ended.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    [Trait("Scenario", "SESS-03")]
    public async Task Another_principal_gets_nothing_at_another_replica_either()
    {
        byte[] secret = RandomNumberGenerator.GetBytes(32);
        await using Bench first = new(secret);
        await using Bench second = new(secret);
        string id = first.Open(Alice).Id;
        second.Table.Find(id, Bob).ShouldBeNull();
        second.Table.Find(id, Alice).ShouldNotBeNull().Grant.Revision.ShouldBe("2025-11-25");
    }

    [Fact]
    public async Task A_session_ends_after_its_idle_time_and_each_use_starts_that_anew()
    {
        await using Bench bench = new();
        Session session = bench.Open(Alice);
        for (int i = 0; i < 5; i++)
        {
            bench.Time.Advance(TimeSpan.FromMinutes(29));
            bench.Table.Find(session.Id, Alice).ShouldBeSameAs(session);
            using (session.Enter())
            {
            }
        }

        bench.Time.Advance(TimeSpan.FromMinutes(31));
        bench.Table.Find(session.Id, Alice).ShouldBeNull();
        bench.Table.Count.ShouldBe(0);
        bench.Table.Find(session.Id, Alice).ShouldBeNull("an expired id does not come back");
    }

    [Fact]
    public async Task A_session_in_use_does_not_expire()
    {
        await using Bench bench = new();
        Session session = bench.Open(Alice);
        using (session.Enter())
        {
            bench.Time.Advance(TimeSpan.FromHours(3));
            bench.Table.Find(session.Id, Alice).ShouldBeSameAs(session);
        }
    }

    [Fact]
    public async Task An_ended_session_stays_ended()
    {
        await using Bench bench = new();
        Session session = bench.Open(Alice);
        bench.Table.End(session);
        bench.Table.Find(session.Id, Alice).ShouldBeNull();
        bench.Table.Count.ShouldBe(0);
    }

    [Fact]
    public async Task When_every_session_is_in_use_no_more_are_opened()
    {
        await using Bench bench = new(options: new GatewayOptions { MaxSessions = 3 });
        Session[] busy = [bench.Open(Alice), bench.Open(Alice), bench.Open(Bob)];
        List<Session.Use> uses = [.. busy.Select(s => s.Enter())];
        bench.TryOpen(Bob).ShouldBeNull();
        uses[0].Dispose();
        bench.Time.Advance(TimeSpan.FromSeconds(1));
        bench.TryOpen(Bob).ShouldNotBeNull();
        bench.Table.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Each_sweep_is_told_so_that_listen_streams_look_after_their_subscriptions_too()
    {
        await using Bench bench = new();
        int sweeps = 0;
        bench.Table.Swept = () => sweeps++;
        bench.Time.Advance(TimeSpan.FromSeconds(61));
        sweeps.ShouldBe(2);
    }

    private sealed class Bench : IAsyncDisposable
    {
        private readonly TaskTracker _tasks;
        private readonly Seal _seal;

        public Bench(byte[]? secret = null, GatewayOptions? options = null)
        {
            _tasks = new TaskTracker(NullLogger<TaskTracker>.Instance);
            _seal = new Seal(secret ?? RandomNumberGenerator.GetBytes(32), "session id", "vmcp");
            Table = new SessionTable(options ?? new GatewayOptions(), _seal, _tasks, Time);
        }

        public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

        public SessionTable Table { get; }

        public Session Open(Caller caller) => TryOpen(caller).ShouldNotBeNull();

        public Session? TryOpen(Caller caller) => Table.Open(caller, "2025-11-25", "{}"u8.ToArray(), default);

        public async ValueTask DisposeAsync()
        {
            await Table.DisposeAsync();
            await _tasks.DisposeAsync();
            _seal.Dispose();
        }
    }
}
