using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.InMemory.Selecting;

/// <summary>A field selector over the fields every kind has, and the few more that Pods and Secrets have (Kubernetes docs, Field Selectors).</summary>
internal sealed class FieldSelector
{
    private readonly List<Func<KubeObject, bool>> _all = [];

    public static FieldSelector Everything { get; } = new();

    /// <summary>Whether all requirements hold.</summary>
    public bool Matches(KubeObject item) => _all.TrueForAll(r => r(item));

    /// <summary>Reads a selector for a kind.</summary>
    /// <exception cref="FormatException">It is malformed, or the kind cannot be selected by that field.</exception>
    public static FieldSelector Parse(string? text, ResourceType type)
    {
        if (string.IsNullOrWhiteSpace(text))
            return Everything;
        var selector = new FieldSelector();
        foreach (string requirement in text.Split(','))
        {
            int not = requirement.IndexOf("!=", StringComparison.Ordinal);
            int at = not >= 0 ? not : requirement.IndexOf('=', StringComparison.Ordinal);
            if (at < 0)
                throw new FormatException($"unable to parse requirement \"{requirement}\" of a field selector");
            Func<KubeObject, string> read = Reader(requirement[..at].Trim(), type);
            string wanted = requirement[at..].TrimStart('!', '=').Trim();
            selector._all.Add(item => read(item) == wanted == not < 0);
        }

        return selector;
    }

    private static Func<KubeObject, string> Reader(string field, ResourceType type) => (type.Kind, field) switch
    {
        (_, "metadata.name") => item => item.Meta.Name,
        (_, "metadata.namespace") => item => item.Meta.Namespace,
        ("Pod", "spec.nodeName" or "spec.serviceAccountName" or "status.phase" or "status.podIP") or ("Secret", "type") =>
            item => item.At(field.Split('.'))?.GetString() ?? "",
        _ => throw new FormatException($"field label not supported: {field}"),
    };
}
