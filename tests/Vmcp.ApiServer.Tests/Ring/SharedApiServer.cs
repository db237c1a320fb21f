namespace Vmcp.ApiServer.Tests.Ring;

/// <summary>One server for all tests that need nothing special of it, with a full audit; each test takes a namespace of its own.</summary>
public sealed class SharedApiServer : IAsyncLifetime
{
    private Server? _server;

    public Server Server => _server ?? throw new InvalidOperationException("the API server has not started");

    public async ValueTask InitializeAsync() =>
        _server = await Server.StartAsync(new ApiServerOptions { AuditPolicy = ApiServerOptions.AuditEveryRequest });

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
