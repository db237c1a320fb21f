using System.Text.Json;

using Vmcp.Core.Backends;
using Vmcp.Core.Expressions;

namespace Vmcp.Auth.Aws;

/// <summary>Chooses the role a caller takes by the claims of the caller's token (auth-and-ops 3.3).</summary>
internal sealed class RoleChooser
{
    private readonly AwsStsStrategy _strategy;
    private readonly (RoleMapping Mapping, ClaimExpression? Matcher)[] _mappings;

    /// <summary>Prepares the mappings.</summary>
    /// <exception cref="CredentialException">A matcher cannot be read; a loaded configuration was checked for that.</exception>
    public RoleChooser(AwsStsStrategy strategy)
    {
        _strategy = strategy;
        // The lowest number first, none last; the sort keeps the order of ties.
        _mappings = [.. strategy.RoleMappings.OrderBy(m => m.Priority ?? long.MaxValue).Select(m => (m, Read(m)))];
    }

    /// <summary>The role of the first mapping that matches, else the fallback; null when there is none.</summary>
    /// <param name="claims">The caller's claims.</param>
    public string? RoleOf(JsonElement claims)
    {
        JsonElement? roles = TokenClaims.Find(claims, _strategy.RoleClaim);
        foreach ((RoleMapping mapping, ClaimExpression? matcher) in _mappings)
        {
            // A condition that cannot be said, for example over a missing claim, does not match.
            if (matcher is null ? mapping.Claim is { Length: > 0 } claim && TokenClaims.Holds(roles, claim) : matcher.Matches(claims) == true)
                return mapping.RoleArn;
        }

        return _strategy.FallbackRoleArn;
    }

    private static ClaimExpression? Read(RoleMapping mapping)
    {
        if (mapping.Matcher is null)
            return null;
        return ClaimExpression.TryParse(mapping.Matcher, out ClaimExpression? matcher, out _)
            ? matcher
            : throw new CredentialException("cannot be called: a matcher of its awsSts.roleMappings cannot be read");
    }
}
