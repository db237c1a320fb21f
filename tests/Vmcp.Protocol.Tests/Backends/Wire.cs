using Vmcp.Core.Backends;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Eras;
using Vmcp.TestKit;

namespace Vmcp.Protocol.Tests.Backends;

/// <summary>Links to scripted backends.</summary>
internal sealed class Wire : IDisposable
{
    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ResponseDrainTimeout = TimeSpan.FromMilliseconds(50) });

    public static LinkIdentity Identity { get; } = new(Revisions.LatestLegacy, "{}"u8.ToArray(), default);

    public BackendHttp Http(Uri url, BackendTransport transport = BackendTransport.StreamableHttp) => new(
        new Backend { Name = "b", Url = url, Transport = transport }, _invoker, (_, _, _, _) => default);

    public Task<LinkOutcome> OpenAsync(
        ScriptedBackend backend, BackendDialect dialect = BackendDialect.Unknown, BackendTransport transport = BackendTransport.StreamableHttp) =>
        OpenAsync(Http(backend.Url, transport), dialect);

    public static async Task<LinkOutcome> OpenAsync(BackendHttp http, BackendDialect dialect = BackendDialect.Unknown)
    {
        using CancellationTokenSource limit = new(Eventually.DefaultLimit);
        return await LinkOpener.OpenAsync(http, dialect, BackendLink.Gateway, Identity, TimeProvider.System, limit.Token);
    }

    public void Dispose() => _invoker.Dispose();
}
