using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Resources;

/// <summary>Reads objects of the API server into the kinds' records.</summary>
public static class ResourceReader
{
    /// <summary>The object as its record.</summary>
    /// <param name="item">The object.</param>
    /// <param name="type">The record: <c>ResourcesJson.Default.MCPServer</c>.</param>
    /// <exception cref="ResourceFormException">A field does not have the form of the record.</exception>
    public static T Read<T>(KubeObject item, JsonTypeInfo<T> type)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(item);
        ArgumentNullException.ThrowIfNull(type);
        try
        {
            return item.As(type);
        }
        catch (JsonException e)
        {
            throw new ResourceFormException(Describe(item, typeof(T).Name, e.Path ?? "$"), e);
        }
    }

    // The value itself may be one that nobody should read in a log; its JSON kind is enough to find the mistake.
    private static string Describe(KubeObject item, string kind, string path)
    {
        string field = path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "the object";
        string found = Find(item.Body, field)?.ValueKind switch
        {
            JsonValueKind.String => "a text",
            JsonValueKind.Number => "a number that does not fit",
            JsonValueKind.True or JsonValueKind.False => "true or false",
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            _ => "something else",
        };
        return $"{kind} \"{item.Key}\": {field}: found {found}; see kubectl explain {kind.ToLowerInvariant()}.{Explained(field)}";
    }

    private static JsonElement? Find(JsonElement here, string path)
    {
        foreach (string step in path.Split('.', '['))
        {
            bool index = step.EndsWith(']') && int.TryParse(step[..^1], out _);
            if (index && here.ValueKind == JsonValueKind.Array && int.Parse(step[..^1], null) < here.GetArrayLength())
                here = here[int.Parse(step[..^1], null)];
            else if (here.ValueKind != JsonValueKind.Object || !here.TryGetProperty(step, out here))
                return null;
        }

        return here;
    }

    private static string Explained(string path) =>
        string.Join('.', path.Split('.').Select(step => step.Split('[')[0]));
}

/// <summary>An object does not have the form of its kind; the message names object and field, never the value.</summary>
public sealed class ResourceFormException : Exception
{
    /// <summary>Without a message.</summary>
    public ResourceFormException()
    {
    }

    /// <summary>With what is wrong.</summary>
    public ResourceFormException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and what showed it.</summary>
    public ResourceFormException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
