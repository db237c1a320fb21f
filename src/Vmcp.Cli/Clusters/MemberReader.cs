using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Vmcp.Core.Values;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning.Document;
using Vmcp.Resources;
using Vmcp.Resources.Backends;

namespace Vmcp.Cli.Clusters;

/// <summary>The members of a server's group, with all that is decided about them.</summary>
/// <param name="Members">The members, sorted by name.</param>
/// <param name="Notes">What could not be read, one sentence each.</param>
internal sealed record MemberView(ImmutableArray<DecidedMember> Members, IReadOnlyList<string> Notes);

/// <summary>Reads the members of a group and decides about them with the code of operator and gateway.</summary>
internal sealed class MemberReader
{
    private readonly ClusterAccess _access;
    private readonly List<string> _notes = [];

    private MemberReader(ClusterAccess access) => _access = access;

    /// <summary>Reads and decides. What may not be read is taken to be in order, and noted.</summary>
    public static async Task<MemberView> ReadAsync(ClusterAccess access, VirtualMCPServer server, CancellationToken cancellationToken)
    {
        MemberReader reader = new(access);
        return new MemberView(await reader.MembersAsync(server, cancellationToken).ConfigureAwait(false), reader._notes);
    }

    private async Task<ImmutableArray<DecidedMember>> MembersAsync(VirtualMCPServer server, CancellationToken cancellationToken)
    {
        string group = server.GroupName();
        ImmutableArray<MemberBackend> members = MemberBackends.OfGroup(
            group,
            await AllAsync(ToolHive.MCPServer, ResourcesJson.Default.MCPServer, cancellationToken).ConfigureAwait(false),
            await AllAsync(ToolHive.MCPRemoteProxy, ResourcesJson.Default.MCPRemoteProxy, cancellationToken).ConfigureAwait(false),
            await AllAsync(ToolHive.MCPServerEntry, ResourcesJson.Default.MCPServerEntry, cancellationToken).ConfigureAwait(false));
        Dictionary<string, MCPExternalAuthConfig> configs =
            (await AllAsync(ToolHive.MCPExternalAuthConfig, ResourcesJson.Default.MCPExternalAuthConfig, cancellationToken).ConfigureAwait(false))
            .ToDictionary(c => c.Metadata.Name, StringComparer.Ordinal);

        EquatableArray<string> passed = PassedHeaders.Of(server);

        // Once to learn which Secrets and ConfigMaps matter, once more with what is in them: their keys, never a value.
        ImmutableArray<DecidedMember> wanted = Decide(_ => [], _ => []);
        Dictionary<string, IReadOnlyCollection<string>?> secrets = await KeysAsync(
            BuiltIn.Secret,
            wanted.SelectMany(m => m.Auth.Variables.Concat(m.Headers)).Where(v => v.Secret is { Length: > 0 }).Select(v => (v.Secret!, v.Key ?? "")),
            cancellationToken).ConfigureAwait(false);
        Dictionary<string, IReadOnlyCollection<string>?> maps = await KeysAsync(
            BuiltIn.ConfigMap, members.Select(m => m.CaBundle).OfType<BundleSource>().Select(b => (b.ConfigMap, b.Key)), cancellationToken).ConfigureAwait(false);
        return Decide(secrets.GetValueOrDefault, maps.GetValueOrDefault);

        ImmutableArray<DecidedMember> Decide(Func<string, IReadOnlyCollection<string>?> secretKeys, Func<string, IReadOnlyCollection<string>?> mapKeys)
        {
            BackendAuthResolver resolver = new(server, members, configs.GetValueOrDefault, secretKeys);
            return new MemberDecisions(resolver, secretKeys, mapKeys, passed.Items).Of(members);
        }
    }

    private async Task<IEnumerable<T>> AllAsync<T>(ResourceType type, JsonTypeInfo<T> form, CancellationToken cancellationToken)
        where T : class
    {
        List<T> all = [];
        try
        {
            foreach (KubeObject item in await ServerReader.ListAsync(_access, type, null, cancellationToken).ConfigureAwait(false))
            {
                try
                {
                    all.Add(ResourceReader.Read(item, form));
                }
                catch (ResourceFormException e)
                {
                    _notes.Add(e.Message);
                }
            }
        }
        catch (KubeException e)
        {
            _notes.Add(ClusterProblem.Of(e, _access, "list", $"{type.Plural}.{type.Group}").Message);
        }

        return all;
    }

    private async Task<Dictionary<string, IReadOnlyCollection<string>?>> KeysAsync(
        ResourceType type, IEnumerable<(string Name, string Key)> wanted, CancellationToken cancellationToken)
    {
        Dictionary<string, IReadOnlyCollection<string>?> found = new(StringComparer.Ordinal);
        bool refused = false;
        foreach (IGrouping<string, string> one in wanted.GroupBy(w => w.Name, w => w.Key, StringComparer.Ordinal))
        {
            try
            {
                KubeObject? item = refused ? null
                    : await _access.Cluster.GetAsync(type, new ObjectKey(_access.Namespace, one.Key), cancellationToken).ConfigureAwait(false);
                found[one.Key] = refused ? [.. one.Distinct()]
                    : item?.At("data") is { ValueKind: JsonValueKind.Object } data ? [.. data.EnumerateObject().Select(m => m.Name)]
                    : item is null ? null
                    : [];
            }
            catch (KubeException e)
            {
                refused = true;
                found[one.Key] = [.. one.Distinct()];
                _notes.Add($"{ClusterProblem.Of(e, _access, "get", type.Plural).Message}; they are taken to be there");
            }
        }

        return found;
    }
}
