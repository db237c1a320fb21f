namespace Vmcp.Config.Backends;

/// <summary>How names of objects become parts of names of environment variables (operator 2.5).</summary>
public static class VariableNames
{
    /// <summary>What a value of ours still holds when Kubernetes could not fill in the variable it is composed of.</summary>
    public const string Unexpanded = "$(TOOLHIVE_";

    /// <summary>Upper case; whatever is neither letter nor digit becomes an underscore. Different names can become one: <c>a.b</c> and <c>a-b</c>.</summary>
    public static string Part(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return string.Concat(name.ToUpperInvariant().Select(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) ? c : '_'));
    }
}
