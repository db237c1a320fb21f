using System.Collections.Immutable;
using Vmcp.Config.Values;
using Vmcp.Core.Backends;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Resources.Backends;

/// <summary>Turns the members of a group into backends (operator 2.4 and 6.3-6.6).</summary>
public static class MemberBackends
{
    /// <summary>Annotations of a member with this prefix become metadata of its backend; no others do.</summary>
    public const string AnnotationPrefix = "vmcp.";

    private const string DefaultBundleKey = "ca.crt";

    /// <summary>
    /// All members, sorted by name, then kind. A name belongs to one backend: an MCPServer keeps it before an MCPRemoteProxy before an
    /// MCPServerEntry, whether it can be served or not, so that a backend never changes its identity; the others say <c>NameTaken</c>.
    /// </summary>
    public static ImmutableArray<MemberBackend> Of(
        IEnumerable<MCPServer> servers, IEnumerable<MCPRemoteProxy> proxies, IEnumerable<MCPServerEntry> entries)
    {
        MemberBackend[] all = [.. servers.Select(Of), .. proxies.Select(Of), .. entries.Select(Of)];
        var sorted = ImmutableArray.CreateBuilder<MemberBackend>(all.Length);
        foreach (MemberBackend member in all.OrderBy(m => m.Name, StringComparer.Ordinal).ThenBy(m => m.Kind))
        {
            MemberBackend? owner = sorted.Count > 0 && sorted[^1].Name == member.Name ? sorted.First(m => m.Name == member.Name) : null;
            sorted.Add(owner is null ? member : member with { Problem = Taken(member, owner) });
        }

        return sorted.MoveToImmutable();
    }

    /// <summary>The same for the members of one group among objects of its namespace.</summary>
    public static ImmutableArray<MemberBackend> OfGroup(
        string? group, IEnumerable<MCPServer> servers, IEnumerable<MCPRemoteProxy> proxies, IEnumerable<MCPServerEntry> entries) => Of(
        servers.Where(m => m.Spec.GroupRef?.Name == group),
        proxies.Where(m => m.Spec.GroupRef?.Name == group),
        entries.Where(m => m.Spec.GroupRef?.Name == group));

    /// <summary>A server that runs in the cluster: its own transport, or for a stdio server what its proxy offers.</summary>
    public static MemberBackend Of(MCPServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        string transport = Or(server.Spec.Transport, "stdio");
        if (transport == "stdio")
            transport = Or(server.Spec.ProxyMode, "streamable-http");
        MemberBackend member = new()
        {
            Kind = MemberKind.Server,
            Name = server.Metadata.Name,
            Url = Endpoint(server.Status.Url),
            Transport = Wire(transport),
            AuthConfigRef = NullIfEmpty(server.Spec.ExternalAuthConfigRef?.Name),
        };
        return Finish(member, server.Metadata, server.Spec.GroupRef?.Name, null, "status.url", transport);
    }

    /// <summary>A proxy in the cluster; its headers toward the remote server are its own business.</summary>
    public static MemberBackend Of(MCPRemoteProxy proxy)
    {
        ArgumentNullException.ThrowIfNull(proxy);
        string transport = Or(proxy.Spec.Transport, "streamable-http");
        MemberBackend member = new()
        {
            Kind = MemberKind.RemoteProxy,
            Name = proxy.Metadata.Name,
            Url = Endpoint(proxy.Status.Url),
            Transport = Wire(transport),
            AuthConfigRef = NullIfEmpty(proxy.Spec.ExternalAuthConfigRef?.Name),
        };
        return Finish(member, proxy.Metadata, proxy.Spec.GroupRef?.Name, proxy.Spec.RemoteUrl, "status.url", transport);
    }

    /// <summary>A remote server the gateway dials itself; only once its checks passed.</summary>
    public static MemberBackend Of(MCPServerEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        string transport = entry.Spec.Transport ?? "";
        ConfigMapKeySelector? bundle = entry.Spec.CaBundleRef?.ConfigMapRef;
        HeaderForwardConfig? headers = entry.Spec.HeaderForward;
        MemberBackend member = new()
        {
            Kind = MemberKind.Entry,
            Name = entry.Metadata.Name,
            Url = Endpoint(entry.Spec.RemoteUrl),
            Transport = Wire(transport),
            AuthConfigRef = NullIfEmpty(entry.Spec.ExternalAuthConfigRef?.Name),
            PlainHeaders = SortedMap.Create(headers?.AddPlaintextHeaders ?? Enumerable.Empty<KeyValuePair<string, string>>()),
            SecretHeaders =
            [
                .. (headers?.AddHeadersFromSecret ?? [])
                    .Select(h => new SecretHeader(h.HeaderName, h.ValueSecretRef?.Name ?? "", h.ValueSecretRef?.Key ?? ""))
                    .OrderBy(h => h.Header, StringComparer.Ordinal)
                    .ThenBy(h => h.Secret, StringComparer.Ordinal)
                    .ThenBy(h => h.Key, StringComparer.Ordinal),
            ],
            CaBundle = bundle is null || bundle.Name.Length == 0 ? null : new BundleSource(bundle.Name, Or(bundle.Key, DefaultBundleKey)),
        };
        if (entry.Status.Phase != "Valid")
        {
            string phase = Or(entry.Status.Phase, "Pending");
            string why = entry.Status.Conditions.FirstOrDefault(c => c.Type == "Valid" && c.Status == "False")?.Message is { Length: > 0 } said
                ? $": {said}"
                : "";
            member = member with { Problem = new MemberProblem("EntryNotValid", $"{member.Key} has phase {phase}, not Valid{why}") { MayPass = phase != "Failed" } };
        }

        member = Finish(member, entry.Metadata, entry.Spec.GroupRef?.Name, entry.Spec.RemoteUrl, "spec.remoteUrl", transport);
        // The phase may be about an address that was edited since, and no gateway must dial a forbidden one even once.
        return member.Problem is null or { MayPass: true } && AddressGuard.Problem(entry.Spec.RemoteUrl, entry.Spec.AllowPrivateEndpoint == true) is { } problem
            ? member with { Problem = new MemberProblem("EntryNotValid", $"{member.Key}: spec.remoteUrl: {problem}") }
            : member;
    }

    private static MemberBackend Finish(
        MemberBackend member, ObjectMeta meta, string? group, string? remoteUrl, string urlField, string transport)
    {
        Dictionary<string, string> metadata = meta.Annotations
            .Where(a => a.Key.StartsWith(AnnotationPrefix, StringComparison.Ordinal))
            .ToDictionary(a => a.Key, a => a.Value, StringComparer.Ordinal);
        metadata["group"] = group ?? "";
        metadata["namespace"] = meta.Namespace;
        metadata["tool_type"] = "mcp";
        metadata["workload_type"] = member.WorkloadType;
        // A password in a URL must not travel into a ConfigMap.
        if (Uri.TryCreate(remoteUrl, UriKind.Absolute, out Uri? remote) && remote.UserInfo.Length == 0)
            metadata["remote_url"] = remoteUrl;
        return member with
        {
            Metadata = SortedMap.Create(metadata),
            Problem = member.Problem
                ?? (member.Url is null ? new MemberProblem("NoUrl", $"{member.Key} has no {urlField} yet") { MayPass = true } : null)
                ?? (member.Transport is null
                    ? new MemberProblem("NoTransport", $"{member.Key}: \"{transport}\" is no transport a gateway speaks; use streamable-http or sse")
                    : null),
        };
    }

    private static MemberProblem Taken(MemberBackend member, MemberBackend owner) =>
        new("NameTaken", $"{member.Key} has the name of {owner.Key}, which keeps it; rename one");

    // The fragment of an SSE URL is a label for people (operator 6.3); on the wire there is none.
    private static string? Endpoint(string? url) => NullIfEmpty(url?.Split('#', 2)[0].Trim());

    private static BackendTransport? Wire(string transport) => transport switch
    {
        "streamable-http" => BackendTransport.StreamableHttp,
        "sse" => BackendTransport.Sse,
        _ => null,
    };

    private static string Or(string? text, string otherwise) => string.IsNullOrEmpty(text) ? otherwise : text;

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
