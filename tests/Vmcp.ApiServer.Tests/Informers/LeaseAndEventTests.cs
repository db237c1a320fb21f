using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.ApiServer.Tests.Ring;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Events;
using Vmcp.Kubernetes.Leases;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Informers;

public sealed class LeaseAndEventTests(SharedApiServer shared)
{
    private readonly Server _server = shared.Server;

    [Fact]
    public async Task One_of_two_leads_and_the_other_follows_at_once_when_it_gives_the_lease_back()
    {
        string space = await _server.CreateNamespaceAsync();
        using KubeClient client = Kube.Client(_server);
        using CancellationTokenSource endFirst = new();
        using CancellationTokenSource endSecond = new();
        LeaderElection first = Election(client, space, "first");
        LeaderElection second = Election(client, space, "second");
        Task<LeadershipEnd> firstRun = first.RunAsync(UntilCancelledAsync, endFirst.Token);
        await Eventually.BecomesAsync(() => first.IsLeader, "the first leads");
        Task<LeadershipEnd> secondRun = second.RunAsync(UntilCancelledAsync, endSecond.Token);
        await Eventually.BecomesAsync(() => second.Holder == "first", "the second sees the first");
        second.IsLeader.ShouldBeFalse();

        await endFirst.CancelAsync();

        (await firstRun.WaitAsync(Eventually.DefaultLimit)).ShouldBe(LeadershipEnd.Stopped);
        await Eventually.BecomesAsync(() => second.IsLeader, "the second leads");
        first.IsLeader.ShouldBeFalse();
        KubeObject lease = (await client.GetAsync(BuiltIn.Lease, new ObjectKey(space, "lead"), CancellationToken.None))!;
        lease.At("spec", "holderIdentity")!.Value.GetString().ShouldBe("second");
        lease.At("spec", "leaseTransitions")!.Value.GetInt32().ShouldBe(1);
        await endSecond.CancelAsync();
        (await secondRun.WaitAsync(Eventually.DefaultLimit)).ShouldBe(LeadershipEnd.Stopped);
    }

    [Fact]
    public async Task A_leader_that_falls_silent_is_followed_and_stops_before_it_is()
    {
        string space = await _server.CreateNamespaceAsync();
        using KubeClient client = Kube.Client(_server);
        BreakableCluster line = new(client);
        LeaderElection first = Election(line, space, "first");
        LeaderElection second = Election(client, space, "second");
        using CancellationTokenSource end = new();
        Task<LeadershipEnd> firstRun = first.RunAsync(UntilCancelledAsync, CancellationToken.None);
        await Eventually.BecomesAsync(() => first.IsLeader, "the first leads");
        bool firstLedWhenSecondBegan = true;
        Task<LeadershipEnd> secondRun = second.RunAsync(
            async token =>
            {
                firstLedWhenSecondBegan = first.IsLeader;
                await UntilCancelledAsync(token);
            },
            end.Token);

        line.Break();

        (await firstRun.WaitAsync(Eventually.DefaultLimit)).ShouldBe(LeadershipEnd.Lost);
        await Eventually.BecomesAsync(() => second.IsLeader && !firstLedWhenSecondBegan, "the second leads");
        await end.CancelAsync();
        await secondRun.WaitAsync(Eventually.DefaultLimit);
    }

    [Fact]
    public async Task An_event_is_stored_as_kubectl_shows_it()
    {
        string space = await _server.CreateNamespaceAsync();
        using KubeClient client = Kube.Client(_server);
        KubeObject map = await Kube.PutAsync(client, space, "subject");
        EventRecorder recorder = new(client, "operator-0", TimeProvider.System, NullLogger.Instance);
        using CancellationTokenSource end = new();
        Task run = recorder.RunAsync(end.Token);

        recorder.Record(EventSubject.Of(BuiltIn.ConfigMap, map.Meta), EventLevel.Warning, "BackendLeft", "Reconcile", "Backend \"jira\" left.");
        await Eventually.BecomesAsync(
            async () => (await client.ListAsync(BuiltIn.Event, new ListOptions { Namespace = space }, CancellationToken.None)).Items.Count == 1, "an event");

        string shown = await _server.KubectlAsync("get", "events", "-n", space, "-o", "wide");
        shown.ShouldContain("BackendLeft");
        shown.ShouldContain("Backend \"jira\" left.");
        shown.ShouldContain("configmap/subject");
        await end.CancelAsync();
        await run.WaitAsync(Eventually.DefaultLimit);
    }

    [Fact]
    public async Task Repetitions_of_an_event_become_a_series_the_server_takes()
    {
        string space = await _server.CreateNamespaceAsync();
        using KubeClient client = Kube.Client(_server);
        KubeObject map = await Kube.PutAsync(client, space, "subject");
        Microsoft.Extensions.Time.Testing.FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        EventRecorder recorder = new(client, "operator-0", time, NullLogger.Instance);
        using CancellationTokenSource end = new();
        Task run = recorder.RunAsync(end.Token);
        EventSubject subject = EventSubject.Of(BuiltIn.ConfigMap, map.Meta);
        recorder.Record(subject, EventLevel.Normal, "Ready", "Reconcile", "It is ready.");
        await Eventually.BecomesAsync(async () => (await EventsAsync()).Count == 1, "an event");

        time.Advance(TimeSpan.FromMinutes(7));
        recorder.Record(subject, EventLevel.Normal, "Ready", "Reconcile", "It is ready.");

        await Eventually.BecomesAsync(
            async () => (await EventsAsync()) is [{ } only] && only.At("series", "count")?.GetInt32() == 2, "a series of two");
        await end.CancelAsync();
        await run.WaitAsync(Eventually.DefaultLimit);

        async Task<IReadOnlyList<KubeObject>> EventsAsync() =>
            (await client.ListAsync(BuiltIn.Event, new ListOptions { Namespace = space }, CancellationToken.None)).Items;
    }

    private static LeaderElection Election(ICluster cluster, string space, string identity) => new(
        cluster,
        new LeaderElectionOptions
        {
            Lease = new ObjectKey(space, "lead"),
            Identity = identity,
            LeaseDuration = TimeSpan.FromSeconds(4),
            RenewDeadline = TimeSpan.FromSeconds(2),
            RetryPeriod = TimeSpan.FromSeconds(0.3),
        },
        TimeProvider.System,
        NullLogger.Instance);

    private static async Task UntilCancelledAsync(CancellationToken cancellationToken) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
}
