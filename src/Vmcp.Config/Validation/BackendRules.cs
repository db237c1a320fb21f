using System.Text.RegularExpressions;
using Vmcp.Config.Model;

namespace Vmcp.Config.Validation;

/// <summary>The list of backends, and the names at the top of the file.</summary>
internal static partial class BackendRules
{
    public const int MaxNameLength = 253;

    public static void Check(GatewayConfig config, ProblemList problems)
    {
        Ensure.NotEmpty(config.Name, "name", problems);
        Ensure.NotEmpty(config.GroupRef, "groupRef", problems);
        if (config.Backends.IsEmpty && config.OutgoingAuth?.Source == OutgoingAuthSource.Inline)
            problems.Warn("outgoingAuth.source", "inline, but the file lists no backends", "add them under backends");
        if (!config.Backends.IsEmpty && config.OutgoingAuth?.Source == OutgoingAuthSource.Discovered)
        {
            problems.Error(
                "outgoingAuth.source", "discovered, but the file lists backends as well", "write source: inline, or leave the backends out");
        }

        Dictionary<string, int> places = new(StringComparer.Ordinal);
        for (int i = 0; i < config.Backends.Count; i++)
        {
            BackendConfig backend = config.Backends[i];
            string path = $"backends[{i}]";
            CheckName(backend.Name, $"{path}.name", problems);
            if (!string.IsNullOrEmpty(backend.Name) && !places.TryAdd(backend.Name, i))
                problems.Error($"{path}.name", $"\"{backend.Name}\" is already the name of backends[{places[backend.Name]}]");
            if (Ensure.Required(backend.Url, $"{path}.url", "required: the backend's MCP endpoint", problems))
                Ensure.Url(backend.Url, $"{path}.url", problems);
            if (backend.CaBundlePath is not null && backend.Type != BackendKind.Entry)
                problems.Error($"{path}.caBundlePath", "only backends of type entry have one", "write type: entry, or leave it out");
            Ensure.AbsolutePath(backend.CaBundlePath, $"{path}.caBundlePath", problems);
            if (backend.Metadata.TryGetValue("group", out string? group) && group != config.EffectiveGroup)
                problems.Warn($"{path}.metadata.group", $"is replaced by the group of the gateway, \"{config.EffectiveGroup}\"");
        }
    }

    private static void CheckName(string? name, string path, ProblemList problems)
    {
        if (!Ensure.Required(name, path, "required: every backend has a name of its own", problems))
            return;
        if (name!.Length > MaxNameLength)
            problems.Error(path, $"must have at most {MaxNameLength} characters");
        else if (!NamePattern().IsMatch(name))
            problems.Error(path, $"\"{name}\" is not a backend name", "use letters, digits, '-', '_' and '.', a letter or digit first and last");
    }

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
