using System.Text;

using Vmcp.Core.Backends;
using Vmcp.Gateway.Calls;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Calls;

/// <summary>A call ends when its backend stays silent, whatever else arrives meanwhile.</summary>
public sealed class SilenceTests
{
    [Fact]
    public async Task Messages_beside_the_call_do_not_lift_its_limit()
    {
        SilentLink link = new() { Backend = new Backend { Name = "alpha", Url = new Uri("http://127.0.0.1:1/mcp") }, ListensAside = true };
        OutgoingRequest request = new("tools/call", "1"u8.ToArray(), "{}"u8.ToArray());
        await using BackendCall call = new(link, request, TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(10), TimeProvider.System);
        QuietClient client = new();

        // One taken by a waiting reader, one found without waiting, one given up on: each leaves another kind of wake-up behind.
        Task<BackendEvent?> first = call.NextAsync(client, null, CancellationToken.None).AsTask();
        await Eventually.BecomesAsync(() => link.TryHandToCall(Note("a")), "the call takes messages");
        (await first)!.Value.Aside.ShouldBeTrue();
        link.TryHandToCall(Note("b")).ShouldBeTrue();
        (await call.NextAsync(client, null, CancellationToken.None))!.Value.Aside.ShouldBeTrue();
        (await call.NextAsync(client, TimeSpan.FromMilliseconds(20), CancellationToken.None)).ShouldBeNull();
        link.TryHandToCall(Note("c")).ShouldBeTrue();
        (await call.NextAsync(client, null, CancellationToken.None))!.Value.Aside.ShouldBeTrue();

        BackendEvent? last = await call.NextAsync(client, null, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        last!.Value.Failure.ShouldNotBeNull().Reason.ShouldContain("did not answer");
    }

    [Fact]
    public async Task A_storm_of_list_changes_does_not_keep_a_dead_call_alive()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            (w.Interval, w.Timeout) = (60, 10);
            w.Backend("alpha");
            w.Timeouts = "{default: 500ms}";
        });
        world["alpha"].Behaviour = Behaviour.Hang.For("tools/call");
        Task<RpcAnswer> call = world.Modern("""{"sampling":{}}""").CallToolAsync("alpha_echo", """{"input":"1"}""");
        await Eventually.BecomesAsync(
            async () =>
            {
                await world["alpha"].NotifyListChangedAsync(ItemKind.Tools);
                return call.IsCompleted;
            },
            "the call ends while the storm goes on");
        (await call).Success().GetProperty("isError").GetBoolean().ShouldBeTrue();
    }

    private static BackendMessage Note(string text) => BackendMessage.Parse(
        Encoding.UTF8.GetBytes($$$"""{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"{{{text}}}"}}"""));

    private sealed class QuietClient : ICallClient
    {
        public bool WaitsForUser => false;

        public ValueTask KeepAliveAsync() => default;
    }

    private sealed class SilentLink : BackendLink
    {
        public override string Revision => Revisions.LatestLegacy;

        public override Era Era => Era.Legacy;

        public override ReadOnlyMemory<byte> ServerCapabilities => "{}"u8.ToArray();

        public override async ValueTask<Exchange> SendAsync(OutgoingRequest request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException("never reached");
        }

        public override Task<BackendFailure?> PostAsync(
            ReadOnlyMemory<byte> message, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancellationToken) =>
            Task.FromResult<BackendFailure?>(null);

        public override Task<BackendFailure?> ListenAsync(
            ListenFilter filter, Func<BackendMessage, ValueTask> onMessage, Action opened, CancellationToken cancellationToken) =>
            Task.FromResult<BackendFailure?>(null);
    }
}
