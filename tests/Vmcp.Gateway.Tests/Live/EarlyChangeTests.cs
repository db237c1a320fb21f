using Vmcp.Core.Backends;
using Vmcp.Gateway.Hosting;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Live;

/// <summary>A source that is alive before the gateway listens to it.</summary>
public sealed class EarlyChangeTests
{
    [Fact]
    [Trait("Scenario", "LIVE-01")]
    public async Task A_backend_that_came_while_the_gateway_started_is_served_without_another_change()
    {
        LoadedConfig config = LoadedConfig.Load("outgoingAuth: {source: discovered}", "vmcp.yaml", _ => null, 1, out var problems)
            ?? throw new InvalidDataException(string.Join('\n', problems.Select(p => p.ToString())));
        EarlySource source = new();
        await using GatewayServer gateway = await GatewayServer.StartAsync(
            new GatewayStart { Config = config, Source = source, Port = 0 }, TestContext.Current.CancellationToken);

        await Eventually.BecomesAsync(() => Task.FromResult(gateway.Status.Backends.Any(b => b.Name == "early")), "the backend is served");
    }

    /// <summary>Changes for the only time in the moment before somebody listens.</summary>
    private sealed class EarlySource : IBackendSource
    {
        private Action? _changed;

        public event Action? Changed
        {
            add
            {
                Current = new SourcePicture(
                    BackendSet.Create(1, [new Backend { Name = "early", Url = new Uri("http://127.0.0.1:9/mcp") }]), [], new SourceState { Kind = "manifests", Synced = true });
                _changed?.Invoke();
                _changed += value;
            }
            remove => _changed -= value;
        }

        public SourcePicture Current { get; private set; } = SourcePicture.Empty("manifests");

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration registration = cancellationToken.Register(stopped.SetResult);
            await stopped.Task;
        }

        public void OnUnauthorized(string backend)
        {
        }
    }
}
