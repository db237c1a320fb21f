using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Vmcp.Config.Backends;
using Vmcp.Config.Model;
using Vmcp.Config.Values;
using Vmcp.Core.Backends;
using Vmcp.Discovery.Reading;
using Vmcp.Resources.Backends;

namespace Vmcp.Discovery.Members;

/// <summary>
/// Turns the members of a group into backends. Pure. Each served member is mapped as if an inline document listed it alone, with its Secrets
/// in the place of variables, so that both modes mean the same by the same resources.
/// </summary>
internal static class GroupPlanner
{
    /// <summary>Decides about every member.</summary>
    public static GroupPlan Plan(GroupWorld world)
    {
        BackendAuthResolver resolver = new(world.Server, world.Members, world.AuthConfigs, name => world.Secrets(name)?.Data?.Keys.ToList());
        MemberDecisions decisions = new(
            resolver,
            name => world.Secrets(name)?.Data?.Keys.ToList(),
            name => world.ConfigMaps(name)?.Data?.Keys.ToList(),
            world.Config.PassthroughHeaders.Items);
        ImmutableArray<Backend>.Builder served = ImmutableArray.CreateBuilder<Backend>();
        ImmutableArray<UnservedBackend>.Builder unserved = ImmutableArray.CreateBuilder<UnservedBackend>();
        SortedDictionary<string, BackendFacts> facts = new(StringComparer.Ordinal);
        SortedSet<string> secrets = new(StringComparer.Ordinal);
        SortedSet<string> configMaps = new(StringComparer.Ordinal);
        foreach (DecidedMember member in decisions.Of(world.Members))
        {
            facts[member.Name] = FactsOf(member);
            secrets.UnionWith(member.Secrets);
            if (!member.IsTaken && member.Member.CaBundle is { } bundle)
                configMaps.Add(bundle.ConfigMap);
            (Backend? backend, MemberProblem? problem) = member.Problem is { } known ? (null, Unread(member, known, world))
                : CallerIdentity.Missing(world.Server, member.Name, member.Auth) is { } missing ? (null, missing)
                : Map(member, world);
            if (backend is not null)
                served.Add(backend);
            else
                unserved.Add(new UnservedBackend(member.Name, problem!.Reason, problem.Message));
        }

        return new GroupPlan(
            served.ToImmutable(),
            [.. unserved.OrderBy(u => u.Name, StringComparer.Ordinal)],
            facts.ToImmutableSortedDictionary(StringComparer.Ordinal),
            secrets.ToImmutableSortedSet(StringComparer.Ordinal),
            configMaps.ToImmutableSortedSet(StringComparer.Ordinal));
    }

    private static (Backend?, MemberProblem?) Map(DecidedMember member, GroupWorld world)
    {
        string? pem = null;
        if (member.Member.CaBundle is { } bundle)
        {
            pem = world.ConfigMaps(bundle.ConfigMap)!.Data![bundle.Key];
            if (!HoldsCertificate(pem))
            {
                return (null, new MemberProblem(
                    "CABundleInvalid", $"{member.Member.Key}: ConfigMap \"{bundle.ConfigMap}\" key \"{bundle.Key}\" holds no certificate in PEM form"));
            }
        }

        GatewayConfig document = world.Config with
        {
            Backends = [member.Config],
            OutgoingAuth = new OutgoingAuthConfig
            {
                Source = OutgoingAuthSource.Inline,
                Backends = member.Auth.Strategy is { } strategy
                    ? SortedMap.Create([KeyValuePair.Create(member.Member.Name, strategy)])
                    : SortedMap.Empty<StrategyConfig>(),
            },
        };
        MappedBackends mapped = BackendMapping.ToBackends(document, Variables(member, world).GetValueOrDefault);
        if (mapped.Problems.IsEmpty && mapped.Backends.Backends is [{ } backend])
            return (backend with { CaBundlePem = pem, AuthSource = member.Auth.SourceWord }, null);
        return (null, new MemberProblem("InvalidConfig", $"{member.Member.Key}: {string.Join("; ", mapped.Problems.Select(p => p.Message))}"));
    }

    // In the place of the variables an inline pod is given; composed ones refer to those before them (core/v1 EnvVar).
    private static Dictionary<string, string> Variables(DecidedMember member, GroupWorld world)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (AuthVariable variable in member.Auth.Variables.OrderBy(v => v.Secret is null).Concat(member.Headers))
        {
            string? value = variable.Secret is { } secret
                ? world.Secrets(secret)?.Data?.GetValueOrDefault(variable.Key!)
                : Expand(variable.Text!, values);
            if (value is not null)
                values[variable.Name] = value;
        }

        return values;
    }

    // In one pass: what a Secret holds is never looked at for references.
    private static string Expand(string text, Dictionary<string, string> values)
    {
        StringBuilder expanded = new();
        int at = 0;
        while (text.IndexOf("$(", at, StringComparison.Ordinal) is var open and >= 0 && text.IndexOf(')', open) is var close and >= 0)
        {
            expanded.Append(text, at, open - at).Append(values.GetValueOrDefault(text[(open + 2)..close], text[open..(close + 1)]));
            at = close + 1;
        }

        return expanded.Append(text, at, text.Length - at).ToString();
    }

    // "It does not exist" would send a person looking for an object that is there.
    private static MemberProblem Unread(DecidedMember member, MemberProblem problem, GroupWorld world)
    {
        if (problem.Reason == "SecretKeyMissing"
            && member.Auth.Variables.Concat(member.Headers).FirstOrDefault(v => v.Secret is { } s && world.Secrets(s)?.NotText.Contains(v.Key!) == true) is { } odd)
        {
            return problem with { Message = $"{member.Member.Key}: Secret \"{odd.Secret}\" key \"{odd.Key}\" holds no text in UTF-8, so no header can carry it" };
        }

        (string kind, IEnumerable<string> names, Func<string, NamedContent?> find) = problem.Reason switch
        {
            "SecretNotFound" => ("Secret", member.Secrets, world.Secrets),
            "CABundleNotFound" when member.Member.CaBundle is { } bundle => ("ConfigMap", [bundle.ConfigMap], world.ConfigMaps),
            _ => ("", [], world.Secrets),
        };
        foreach (string name in names)
        {
            NamedContent? content = find(name);
            if (content is { Data: not null } or { Refusal: null })
                continue;
            return new MemberProblem($"{kind}NotReadable", $"{member.Member.Key}: {kind} \"{name}\" could not be read: {NamedReader.Why(content?.Refusal)}");
        }

        return problem;
    }

    private static BackendFacts FactsOf(DecidedMember member) => new()
    {
        Origin = member.Member.Key,
        // What stands before an @ may be a password.
        Url = member.Member.Url?.Contains('@', StringComparison.Ordinal) == true ? null : member.Member.Url,
        AuthConfigRef = member.Auth.ConfigRef,
        AuthSource = member.Auth.SourceWord,
        AuthType = member.Auth.TypeWord,
        Secrets = [.. member.Secrets],
    };

    private static bool HoldsCertificate(string pem)
    {
        try
        {
            X509Certificate2Collection found = [];
            found.ImportFromPem(pem);
            foreach (X509Certificate2 certificate in found)
                certificate.Dispose();
            return found.Count > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
