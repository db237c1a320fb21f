using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Validation;
using Vmcp.Config.Values;
using Vmcp.Operator.SmallControllers;
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
    public ImmutableArray<EnvVar> Headers { get; init; } = [];

    public MemberProblem? Problem { get; init; }
}

/// <summary>
/// Decides which backends are served and as whom. One that cannot be served is left out with the reason and takes no other with it
/// (operator 4.5).
/// </summary>
internal static class BackendsPart
{
    /// <summary>The group's members, sorted by name.</summary>
    public static ImmutableArray<PlannedBackend> OfMembers(
        ImmutableArray<MemberBackend> members, BackendAuthResolver resolver, World world, EquatableArray<string> passthrough)
    {
        Dictionary<string, string> owners = new(StringComparer.Ordinal);
        var planned = ImmutableArray.CreateBuilder<PlannedBackend>(members.Length);
        foreach (MemberBackend member in members)
        {
            bool taken = member.Problem?.Reason == "NameTaken";
            BundleMount? bundle = !taken && member.CaBundle is { } source ? Bundles.OfEntry(member.Name, source.ConfigMap, source.Key) : null;
            PlannedBackend backend = new()
            {
                Name = taken ? member.Key : member.Name,
                Member = member,
                Auth = taken ? ResolvedAuth.None : resolver.For(member),
                Bundle = bundle,
                Headers = taken ? [] : [.. HeaderPart.Variables(member)],
                Config = new BackendConfig
                {
                    Name = member.Name,
                    Url = member.Url,
                    Transport = member.Transport,
                    Type = member.IsEntry ? BackendKind.Entry : null,
                    CaBundlePath = bundle is null ? null : Bundles.PathOf(bundle),
                    Metadata = member.Metadata,
                },
            };
            planned.Add(backend with
            {
                Problem = member.Problem
                    ?? Guarded(member, world)
                    ?? backend.Auth.Problem
                    ?? Missing(member, world)
                    ?? Twice(member, passthrough)
                    ?? Collision(backend, owners)
                    ?? Refused(backend),
            });
        }

        return [.. planned.OrderBy(b => b.Name, StringComparer.Ordinal)];
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

    // The phase Valid may be about an address that was edited since, and no gateway must dial a forbidden one even once.
    private static MemberProblem? Guarded(MemberBackend member, World world) =>
        member.IsEntry
        && world.Entries.FirstOrDefault(e => e.Metadata.Name == member.Name) is { } entry
        && AddressGuard.Problem(entry.Spec.RemoteUrl, entry.Spec.AllowPrivateEndpoint == true) is { } problem
            ? new MemberProblem("EntryNotValid", $"{member.Key}: spec.remoteUrl: {problem}")
            : null;

    private static MemberProblem? Missing(MemberBackend member, World world)
    {
        foreach (SecretHeader header in member.SecretHeaders)
        {
            if (header.Secret.Length == 0 || header.Key.Length == 0)
                return new MemberProblem("InvalidConfig", $"{member.Key}: header {header.Header} names no key of a Secret");
            if (SecretProblem.Find(header.Secret, header.Key, Keys(world, header.Secret)) is { } problem)
                return problem with { Message = $"{member.Key}: header {header.Header}: {problem.Message}" };
        }

        if (member.CaBundle is not { } bundle)
            return null;
        if (!world.ConfigMaps.TryGetValue(bundle.ConfigMap, out ConfigMapFacts? facts))
            return new MemberProblem("CABundleNotFound", $"{member.Key}: ConfigMap \"{bundle.ConfigMap}\" with its CA bundle does not exist");
        return facts.Data.ContainsKey(bundle.Key)
            ? null
            : new MemberProblem("CABundleNotFound", $"{member.Key}: ConfigMap \"{bundle.ConfigMap}\" with its CA bundle is missing key \"{bundle.Key}\"");
    }

    // The gateway refuses to choose between the two values, and one entry must not cost all the others (operator 1.2).
    private static MemberProblem? Twice(MemberBackend member, EquatableArray<string> passthrough)
    {
        string? header = member.PlainHeaders.Keys.Concat(member.SecretHeaders.Select(h => h.Header))
            .FirstOrDefault(h => passthrough.Contains(h, StringComparer.OrdinalIgnoreCase));
        return header is null
            ? null
            : new MemberProblem("InvalidConfig", $"{member.Key}: header {header} is among the server's passthroughHeaders too; keep one");
    }

    // Names of variables are coarser than names of objects and headers; a header must never reach the wrong backend.
    private static MemberProblem? Collision(PlannedBackend backend, Dictionary<string, string> owners)
    {
        foreach (EnvVar variable in backend.Headers)
        {
            if (!owners.TryAdd(variable.Name, backend.Name))
            {
                string other = owners[variable.Name] == backend.Name ? "two headers of it" : $"it and \"{owners[variable.Name]}\"";
                return new MemberProblem(
                    "InvalidConfig", $"{backend.Member!.Key}: {other} need the same variable {variable.Name}; rename one");
            }
        }

        return null;
    }

    // The gateway's own rules about one backend, asked before one bad backend can make it refuse the whole document.
    private static MemberProblem? Refused(PlannedBackend backend)
    {
        GatewayConfig trial = new()
        {
            GroupRef = backend.Config.Metadata.GetValueOrDefault("group"),
            Backends = [backend.Config],
        };
        PodNeeds needs = new();
        foreach (EnvVar variable in backend.Headers)
            needs.Add(EnvGroup.Headers, variable);
        string[] wrong =
        [
            .. ConfigValidator.Validate(trial, needs.Lookup())
                .Where(p => p.Severity == Severity.Error)
                .Select(p => SpecConfig.Tell(p, p.Path.Replace("backends[0]", "", StringComparison.Ordinal).TrimStart('.'))),
        ];
        return wrong.Length == 0 ? null : new MemberProblem("InvalidConfig", $"{backend.Member!.Key}: {Telling.Join(wrong)}");
    }

    private static ImmutableSortedSet<string>? Keys(World world, string secret) =>
        world.Secrets.TryGetValue(secret, out SecretFacts? facts) ? facts.Keys : null;
}
