using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Core.Values;
using Vmcp.Resources.Backends;

namespace Vmcp.Operator.Planning.Document;

/// <summary>One backend with everything decided about it.</summary>
internal sealed record PlannedBackend
{
    /// <summary>Its name; <c>Kind/name</c> when the name belongs to another member.</summary>
    public required string Name { get; init; }

    /// <summary>The entry of <c>backends</c>.</summary>
    public required BackendConfig Config { get; init; }

    public required ResolvedAuth Auth { get; init; }

    /// <summary>The member of the group; null for one listed in <c>spec.config.backends</c>.</summary>
    public MemberBackend? Member { get; init; }

    public BundleMount? Bundle { get; init; }

    /// <summary>The variables with static headers.</summary>
    public ImmutableArray<AuthVariable> Headers { get; init; } = [];

    /// <summary>Why it stands in no document.</summary>
    public MemberProblem? Problem { get; init; }

    /// <summary>
    /// Why the gateway does not serve it although it stands in the document: nothing is wrong with the backend, and its credentials are not
    /// the default's either.
    /// </summary>
    public MemberProblem? Idle { get; init; }

    /// <summary>Why it is not served, or null.</summary>
    public MemberProblem? Unserved => Problem ?? Idle;
}

/// <summary>The backends of a document, each with what was decided about it.</summary>
internal static class BackendsPart
{
    /// <summary>The group's members, sorted by name.</summary>
    public static ImmutableArray<PlannedBackend> OfMembers(
        ImmutableArray<MemberBackend> members, BackendAuthResolver resolver, World world, EquatableArray<string> passthrough)
    {
        MemberDecisions decisions = new(
            resolver,
            name => world.Secrets.TryGetValue(name, out SecretFacts? facts) ? facts.Keys : null,
            name => world.ConfigMaps.TryGetValue(name, out ConfigMapFacts? facts) ? [.. facts.Data.Keys] : null,
            passthrough.Items);
        return [.. decisions.Of(members).Select(Of)];
    }

    /// <summary>The backends the user listed, exactly (design 5.14); a group's members have no say about them.</summary>
    public static ImmutableArray<PlannedBackend> OfList(EquatableArray<BackendConfig> list, BackendAuthResolver resolver)
    {
        var planned = ImmutableArray.CreateBuilder<PlannedBackend>(list.Count);
        foreach (BackendConfig config in list)
        {
            ResolvedAuth auth = resolver.For(config.Name ?? "", null);
            planned.Add(new PlannedBackend { Name = config.Name ?? "", Config = config, Auth = auth, Problem = auth.Problem });
        }

        return [.. planned.OrderBy(b => b.Name, StringComparer.Ordinal)];
    }

    private static PlannedBackend Of(DecidedMember decided)
    {
        BundleMount? bundle = !decided.IsTaken && decided.Member.CaBundle is { } source
            ? Bundles.OfEntry(decided.Member.Name, source.ConfigMap, source.Key)
            : null;
        return new PlannedBackend
        {
            Name = decided.Name,
            Member = decided.Member,
            Auth = decided.Auth,
            Bundle = bundle,
            Headers = decided.Headers,
            Config = decided.Config with { CaBundlePath = bundle is null ? null : Bundles.PathOf(bundle) },
            Problem = decided.Problem,
        };
    }
}
