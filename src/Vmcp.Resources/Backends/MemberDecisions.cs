using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Validation;

namespace Vmcp.Resources.Backends;

/// <summary>One member with everything decided about it.</summary>
public sealed record DecidedMember
{
    /// <summary>Its name as a backend; <c>Kind/name</c> when the name belongs to another member.</summary>
    public required string Name { get; init; }

    /// <summary>The member.</summary>
    public required MemberBackend Member { get; init; }

    /// <summary>As whom it is called.</summary>
    public required ResolvedAuth Auth { get; init; }

    /// <summary>The variables with its static headers; none when its name belongs to another member.</summary>
    public ImmutableArray<AuthVariable> Headers { get; init; } = [];

    /// <summary>Whether another member has its name.</summary>
    public bool IsTaken { get; init; }

    /// <summary>Why it must not be served, or null.</summary>
    public MemberProblem? Problem { get; init; }

    /// <summary>The entry of <c>backends</c> an inline document has for it; its CA bundle is left to who knows where that is.</summary>
    public BackendConfig Config => new()
    {
        Name = Member.Name,
        Url = Member.Url,
        Transport = Member.Transport,
        Type = Member.IsEntry ? BackendKind.Entry : null,
        Metadata = Member.Metadata,
    };

    /// <summary>The Secrets its credentials and headers come from, sorted; also while they are missing.</summary>
    public IEnumerable<string> Secrets => Auth.Secrets.Concat(Headers.Select(h => h.Secret).OfType<string>())
        .Where(name => name.Length > 0)
        .Distinct(StringComparer.Ordinal)
        .Order(StringComparer.Ordinal);
}

/// <summary>
/// Decides which members of a group are served and as whom, for operator and gateway alike. One that cannot be served is left out with the
/// reason and takes no other with it (operator 4.5).
/// </summary>
/// <param name="resolver">As whom members are called.</param>
/// <param name="secretKeys">The keys of a Secret; null when there is no such Secret.</param>
/// <param name="configMapKeys">The keys of a ConfigMap; null when there is no such ConfigMap.</param>
/// <param name="passthrough">The client headers the server passes on.</param>
public sealed class MemberDecisions(
    BackendAuthResolver resolver,
    Func<string, IReadOnlyCollection<string>?> secretKeys,
    Func<string, IReadOnlyCollection<string>?> configMapKeys,
    IReadOnlyCollection<string> passthrough)
{
    /// <summary>Decides about all members, sorted by name.</summary>
    public ImmutableArray<DecidedMember> Of(ImmutableArray<MemberBackend> members)
    {
        Dictionary<string, string> owners = new(StringComparer.Ordinal);
        var decided = ImmutableArray.CreateBuilder<DecidedMember>(members.Length);
        foreach (MemberBackend member in members)
        {
            bool taken = member.Problem?.Reason == "NameTaken";
            DecidedMember one = new()
            {
                Name = taken ? member.Key : member.Name,
                Member = member,
                IsTaken = taken,
                Auth = taken ? ResolvedAuth.None : resolver.For(member),
                Headers = taken ? [] : [.. HeaderVariables.Of(member)],
            };
            decided.Add(one with
            {
                Problem = member.Problem ?? one.Auth.Problem ?? Missing(member) ?? Twice(member) ?? Collision(one, owners) ?? Refused(one),
            });
        }

        return [.. decided.OrderBy(d => d.Name, StringComparer.Ordinal)];
    }

    private MemberProblem? Missing(MemberBackend member)
    {
        foreach (SecretHeader header in member.SecretHeaders)
        {
            if (header.Secret.Length == 0 || header.Key.Length == 0)
                return new MemberProblem("InvalidConfig", $"{member.Key}: header {header.Header} names no key of a Secret");
            if (SecretProblem.Find(header.Secret, header.Key, secretKeys(header.Secret)) is { } problem)
                return problem with { Message = $"{member.Key}: header {header.Header}: {problem.Message}" };
        }

        if (member.CaBundle is not { } bundle)
            return null;
        if (configMapKeys(bundle.ConfigMap) is not { } keys)
            return new MemberProblem("CABundleNotFound", $"{member.Key}: ConfigMap \"{bundle.ConfigMap}\" with its CA bundle does not exist");
        return keys.Contains(bundle.Key)
            ? null
            : new MemberProblem("CABundleNotFound", $"{member.Key}: ConfigMap \"{bundle.ConfigMap}\" with its CA bundle is missing key \"{bundle.Key}\"");
    }

    // The gateway refuses to choose between the two values, and one entry must not cost all the others (operator 1.2).
    private MemberProblem? Twice(MemberBackend member)
    {
        string? header = member.PlainHeaders.Keys.Concat(member.SecretHeaders.Select(h => h.Header))
            .FirstOrDefault(h => passthrough.Contains(h, StringComparer.OrdinalIgnoreCase));
        return header is null
            ? null
            : new MemberProblem("InvalidConfig", $"{member.Key}: header {header} is among the server's passthroughHeaders too; keep one");
    }

    // Names of variables are coarser than names of objects and headers; a header must never reach the wrong backend.
    private static MemberProblem? Collision(DecidedMember member, Dictionary<string, string> owners)
    {
        foreach (AuthVariable variable in member.Headers)
        {
            if (owners.TryAdd(variable.Name, member.Name))
                continue;
            string other = owners[variable.Name] == member.Name ? "two headers of it" : $"it and \"{owners[variable.Name]}\"";
            return new MemberProblem("InvalidConfig", $"{member.Member.Key}: {other} need the same variable {variable.Name}; rename one");
        }

        return null;
    }

    // The gateway's own rules about one backend, asked before one bad backend can make it refuse the whole document.
    private static MemberProblem? Refused(DecidedMember member)
    {
        GatewayConfig trial = new() { GroupRef = member.Member.Metadata.GetValueOrDefault("group"), Backends = [member.Config] };
        Dictionary<string, string> env = new(StringComparer.Ordinal);
        foreach (AuthVariable variable in member.Headers)
            env[variable.Name] = variable.Text ?? "x";
        string[] wrong =
        [
            .. ConfigValidator.Validate(trial, env.GetValueOrDefault)
                .Where(p => p.Severity == Severity.Error)
                .Select(p => (p with { Path = p.Path.Replace("backends[0]", "", StringComparison.Ordinal).TrimStart('.'), File = null, Line = 0 }).ToString()),
        ];
        return wrong.Length == 0 ? null : new MemberProblem("InvalidConfig", $"{member.Member.Key}: {string.Join("; ", wrong)}");
    }
}
