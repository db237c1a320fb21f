using Vmcp.Config.Reading;

namespace Vmcp.Config.Validation;

/// <summary>Checks that several sections share.</summary>
internal static class Ensure
{
    /// <summary>A value that must be there and not empty. Gives whether it is.</summary>
    public static bool Required(string? value, string path, string why, ProblemList problems)
    {
        if (value is null)
            problems.Error(path, why);
        else if (value.Length == 0)
            problems.Error(path, $"must not be empty: {why}");
        return !string.IsNullOrEmpty(value);
    }

    /// <summary>A value that may be absent but not empty.</summary>
    public static void NotEmpty(string? value, string path, ProblemList problems)
    {
        if (value is { Length: 0 })
            problems.Error(path, "must not be empty", "write a value or leave the key out");
    }

    public static void Positive(TimeSpan? value, string path, ProblemList problems)
    {
        if (value <= TimeSpan.Zero)
            problems.Error(path, "must be greater than 0", "leave it out for the default");
    }

    /// <summary>A number with bounds; null is fine.</summary>
    public static void Range(long? value, long min, long max, string path, ProblemList problems)
    {
        if (value is { } number && (number < min || number > max))
        {
            string bounds = max == int.MaxValue || max == long.MaxValue ? $">= {min}" : $"between {min} and {max}";
            problems.Error(path, $"must be {bounds}, is {number}");
        }
    }

    /// <summary>An absolute http(s) URL with a host and without user, password or fragment.</summary>
    public static void Url(string? value, string path, ProblemList problems, string example = "http://127.0.0.1:8080/mcp")
    {
        if (string.IsNullOrEmpty(value))
            return;
        if (value.AsSpan().Trim().Length != value.Length || value.Any(char.IsControl))
        {
            problems.Error(path, "the URL holds white space");
        }
        else if (!Uri.TryCreate(value, UriKind.Absolute, out Uri? url)
            || (url.Scheme is not ("http" or "https") && !value.Contains("://", StringComparison.Ordinal)))
        {
            // What stands before an @ may be a password.
            string shown = value.Contains('@', StringComparison.Ordinal) ? "this" : $"\"{value}\"";
            problems.Error(path, $"{shown} is not an absolute URL", $"write for example {example}");
        }
        else if (url.Scheme is not ("http" or "https"))
        {
            problems.Error(path, $"the scheme {url.Scheme} is not supported", "use http or https");
        }
        else
        {
            if (url.Host.Length == 0 || !value.AsSpan(url.Scheme.Length).StartsWith("://"))
                problems.Error(path, "the URL has no host", $"write for example {example}");
            if (url.UserInfo.Length > 0)
                problems.Error(path, "the URL must not carry a user or password", "use header_injection");
            if (url.Fragment.Length > 0 || value.Contains('#', StringComparison.Ordinal))
                problems.Error(path, "the URL must not carry a fragment");
        }
    }

    /// <summary>As <see cref="Url"/>, and https unless the host is loopback or plain http is allowed.</summary>
    public static void SecureUrl(string? value, string path, bool allowHttp, ProblemList problems)
    {
        Url(value, path, problems, "https://idp.example/oauth/token");
        if (!allowHttp && Uri.TryCreate(value, UriKind.Absolute, out Uri? url) && url.Scheme == "http" && !url.IsLoopback)
            problems.Error(path, "credentials go there, so it must be https");
    }

    /// <summary>An absolute path without <c>..</c> and NUL.</summary>
    public static void AbsolutePath(string? value, string path, ProblemList problems)
    {
        if (value is null)
            return;
        if (!value.StartsWith('/') && !Path.IsPathFullyQualified(value))
            problems.Error(path, "must be an absolute path");
        if (value.Split('/', '\\').Contains(".."))
            problems.Error(path, "must not contain \"..\"");
        if (value.Contains('\0', StringComparison.Ordinal))
            problems.Error(path, "must not contain a NUL character");
    }

    /// <summary>The name of an environment variable that must be set and not empty; gives its value.</summary>
    public static string? Environment(string? name, string path, Func<string, string?> env, ProblemList problems)
    {
        if (name is null)
            return null;
        if (name.Length == 0 || name.Any(c => c is '=' or '\0' || char.IsWhiteSpace(c)))
        {
            problems.Error(path, $"\"{name}\" is not the name of an environment variable");
            return null;
        }

        string? value = env(name);
        if (value is null)
            problems.Error(path, $"the environment variable {name} is not set");
        else if (value.Length == 0)
            problems.Error(path, $"the environment variable {name} is empty");
        return value;
    }

    /// <summary>Every name should be a backend of the file; when the file lists none, nobody can tell.</summary>
    public static void KnownBackend(string? name, string path, string[] backends, ProblemList problems)
    {
        if (string.IsNullOrEmpty(name) || backends.Length == 0 || backends.Contains(name))
            return;
        problems.Warn(path, $"there is no backend \"{name}\"", NearMatch.Remedy(name, backends, "backends"));
    }

    /// <summary>Entries of a list that are empty or there twice.</summary>
    public static void Distinct(IEnumerable<string> values, string path, ProblemList problems, StringComparer? comparer = null)
    {
        HashSet<string> seen = new(comparer ?? StringComparer.Ordinal);
        int at = 0;
        foreach (string value in values)
        {
            string itemPath = Paths.Item(path, at++);
            if (value.Length == 0)
                problems.Error(itemPath, "must not be empty");
            else if (!seen.Add(value))
                problems.Error(itemPath, $"\"{value}\" is already in the list");
        }
    }
}
