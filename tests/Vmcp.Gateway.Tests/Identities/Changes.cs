using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Identities;

/// <summary>What a client of either era hears of changed tool lists.</summary>
internal sealed class Changes : IAsyncDisposable
{
    private const string Method = "notifications/tools/list_changed";

    private readonly ServerStream? _legacy;
    private readonly ListenStream? _modern;

    private Changes(ServerStream? legacy, ListenStream? modern) => (_legacy, _modern) = (legacy, modern);

    /// <summary>Those told so far.</summary>
    public int Count => _modern?.Count(Method) ?? _legacy!.Count(Method);

    /// <summary>Begins to listen.</summary>
    public static async Task<Changes> OfAsync(Front client) => client.Modern is { } modern
        ? new Changes(null, await modern.ListenAsync("""{"toolsListChanged":true}"""))
        : new Changes(await client.Legacy!.OpenStreamAsync(), null);

    /// <summary>Waits for the next one.</summary>
    public Task NextAsync() => _modern?.NextAsync(Method) ?? _legacy!.NextAsync(Method);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_modern is not null)
            await _modern.DisposeAsync();
        if (_legacy is not null)
            await _legacy.DisposeAsync();
    }
}
