using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Cli.Serving;
using Vmcp.Gateway.Explaining;
using Vmcp.Gateway.Hosting;

namespace Vmcp.Cli.Explaining;

/// <summary>What a gateway over a directory of manifests or a configuration file would say: its backends are asked from here, nothing is served.</summary>
internal static class OfflineEvidence
{
    /// <summary>Asks the backends.</summary>
    /// <param name="path">A directory of manifests, or a configuration file.</param>
    /// <param name="space">The namespace of the directory, or null.</param>
    /// <param name="group">The group of the directory, or null.</param>
    /// <param name="env">Looks up environment variables.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    public static async Task<(Evidence? Evidence, IReadOnlyList<string> Problems)> ReadAsync(
        string path, string? space, string? group, Func<string, string?> env, CancellationToken cancellationToken)
    {
        bool manifests = Directory.Exists(path);
        ServePlan plan = ServePlan.Make(
            manifests ? new ServeRequest { Manifests = path, Namespace = space, Group = group, Port = "0" } : new ServeRequest { ConfigPath = path, Port = "0" }, env);
        if (plan.Start is not { } start)
            return (null, plan.Errors);
        if (plan.Discovers)
            return (null, [$"{path} finds its backends in a cluster; ask there with --namespace and --name, or give the directory of their manifests"]);
        if (plan.Manifests is not { } request)
            return (await AskAsync(start, cancellationToken).ConfigureAwait(false), []);
        return await FromManifestsAsync(start, request, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<(Evidence?, IReadOnlyList<string>)> FromManifestsAsync(GatewayStart start, ManifestRequest request, CancellationToken cancellationToken)
    {
        ManifestStart manifests;
        try
        {
            manifests = await ManifestStart.MakeAsync(start, request, NullLoggerFactory.Instance, cancellationToken).ConfigureAwait(false);
        }
        catch (ServeException e)
        {
            return (null, e.Errors);
        }

        await using (manifests.ConfigureAwait(false))
            return (await AskAsync(manifests.Start, cancellationToken).ConfigureAwait(false), []);
    }

    private static async Task<Evidence> AskAsync(GatewayStart start, CancellationToken cancellationToken)
    {
        using JsonDocument catalog = JsonDocument.Parse(await UnheardGateway.CatalogAsync(start, cancellationToken).ConfigureAwait(false));
        return GatewayEvidence.Read(catalog.RootElement, itemsHidden: null)!;
    }
}
