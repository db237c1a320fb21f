using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Discovery.Watching;

/// <summary>
/// The gateway's own VirtualMCPServer, whose <c>outgoingAuth</c> decides as whom backends are called. The gateway may read it by name and not
/// watch it; an edit of it that matters changes the document too, and with it the pod.
/// </summary>
/// <param name="cluster">The API server.</param>
/// <param name="options">Which one.</param>
/// <param name="time">The clock.</param>
internal sealed class OwnServer(ICluster cluster, DiscoveryOptions options, TimeProvider time)
{
    /// <summary>Nothing can be served before it is known.</summary>
    private static readonly TimeSpan WhileUnknown = TimeSpan.FromSeconds(1);

    private VirtualMCPServer? _known;
    private long? _askedAt;
    private volatile string? _trouble;

    /// <summary>Why it could not be read, or null.</summary>
    public string? Trouble => _trouble;

    /// <summary>When it is to be read again; null for never.</summary>
    public TimeSpan? NextDue => options.ServerName is null ? null
        : _askedAt is not { } at ? TimeSpan.Zero
        : (_known is null ? WhileUnknown : _trouble is null ? options.RefreshEvery : options.RetryEvery) - time.GetElapsedTime(at);

    /// <summary>It, or what stands for it; null while it is not known. What was known stays when a read fails, also when it is gone: then so are we soon.</summary>
    public async Task<VirtualMCPServer?> ReadAsync(CancellationToken cancellationToken)
    {
        if (options.ServerName is not { } name)
            return options.StandIn;
        if (NextDue > TimeSpan.Zero)
            return _known;
        try
        {
            KubeObject? item = await cluster.GetAsync(
                ToolHive.VirtualMCPServer, new ObjectKey(options.Namespace, name), cancellationToken).ConfigureAwait(false);
            if (item is not null)
                _known = ResourceReader.Read(item, ResourcesJson.Default.VirtualMCPServer);
            else
                _known ??= options.StandIn;
            _trouble = item is null && options.StandIn is null ? $"VirtualMCPServer \"{name}\" does not exist" : null;
        }
        catch (KubeException e)
        {
            _trouble = e.Error switch
            {
                KubeError.Forbidden => $"the gateway's account may not read VirtualMCPServer \"{name}\"",
                KubeError.Unauthorized => "the API server refuses the account's token",
                _ => "the API server cannot be reached",
            };
        }
        catch (ResourceFormException e)
        {
            _trouble = e.Message;
        }

        _askedAt = time.GetTimestamp();
        return _known;
    }
}
