namespace Vmcp.Resources.Backends;

/// <summary>What can be wrong with a reference to a Secret, told without ever seeing a value.</summary>
public static class SecretProblem
{
    private const int MaxListed = 20;

    /// <summary><c>SecretNotFound</c>, <c>SecretKeyMissing</c>, or null when key and Secret exist.</summary>
    /// <param name="secret">The Secret.</param>
    /// <param name="key">The key.</param>
    /// <param name="keys">The keys it has; null when it does not exist.</param>
    public static MemberProblem? Find(string secret, string key, IReadOnlyCollection<string>? keys)
    {
        if (keys is null)
            return new MemberProblem("SecretNotFound", $"Secret \"{secret}\" does not exist");
        if (keys.Contains(key))
            return null;
        string found = keys.Count == 0 ? "it has none" : $"keys found: {string.Join(", ", keys.Order(StringComparer.Ordinal).Take(MaxListed))}";
        return new MemberProblem("SecretKeyMissing", $"Secret \"{secret}\" is missing key \"{key}\"; {found}");
    }
}
