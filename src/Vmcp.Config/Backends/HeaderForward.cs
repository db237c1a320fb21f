using System.Collections.Immutable;
using System.Text.Json;
using Vmcp.Config.Validation;
using Vmcp.Core.Backends;

namespace Vmcp.Config.Backends;

/// <summary>The static headers of a backend, handed over by environment variables (vmcp-runtime 1.7).</summary>
/// <remarks>
/// <c>TOOLHIVE_HEADER_FORWARD_OWNER</c> holds <c>{"addPlaintextHeaders":{h:v},"addHeadersFromSecret":{h:identifier}}</c>;
/// the secret behind an identifier is in <c>TOOLHIVE_SECRET_identifier</c>. A manifest that cannot be followed in full is an error:
/// a backend is never called without the headers it was given. Messages name backend and header, never a value or identifier.
/// </remarks>
public static class HeaderForward
{
    private const string ManifestPrefix = "TOOLHIVE_HEADER_FORWARD_";
    private const string SecretPrefix = "TOOLHIVE_SECRET_";

    /// <summary>Name of the variable with a backend's headers.</summary>
    public static string ManifestVariable(string backend) => ManifestPrefix + VariableNames.Part(backend);

    /// <summary>Name of the variable with the value of one secret header of a backend.</summary>
    public static string SecretVariable(string backend, string header) =>
        $"{SecretPrefix}HEADER_FORWARD_{VariableNames.Part(header)}_{VariableNames.Part(backend)}";

    /// <summary>Reads a backend's static headers.</summary>
    /// <param name="backend">The backend's name.</param>
    /// <param name="env">Looks up an environment variable; null when it is not set.</param>
    /// <param name="problems">What is wrong; empty when the headers are complete.</param>
    public static EquatableMap Read(string backend, Func<string, string?> env, out ImmutableArray<string> problems)
    {
        problems = [];
        string variable = ManifestVariable(backend);
        if (env(variable) is not { } json)
            return EquatableMap.Empty;
        var found = ImmutableArray.CreateBuilder<string>();
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                found.Add($"{variable} is not a JSON object");
            else
                ReadManifest(document.RootElement, backend, env, headers, found);
        }
        catch (JsonException)
        {
            found.Add($"{variable} is not JSON");
        }

        problems = found.ToImmutable();
        return problems.IsEmpty ? EquatableMap.Create(headers) : EquatableMap.Empty;
    }

    private static void ReadManifest(
        JsonElement manifest,
        string backend,
        Func<string, string?> env,
        Dictionary<string, string> headers,
        ImmutableArray<string>.Builder problems)
    {
        foreach (JsonProperty part in manifest.EnumerateObject())
        {
            bool secret = part.Name == "addHeadersFromSecret";
            if (part.Value.ValueKind == JsonValueKind.Null)
                continue;
            if ((!secret && part.Name != "addPlaintextHeaders") || part.Value.ValueKind != JsonValueKind.Object)
            {
                problems.Add($"{ManifestVariable(backend)}: \"{part.Name}\" is not one of the maps addPlaintextHeaders, addHeadersFromSecret");
                continue;
            }

            foreach (JsonProperty header in part.Value.EnumerateObject())
                Add(header, secret, backend, env, headers, problems);
        }
    }

    private static void Add(
        JsonProperty header,
        bool secret,
        string backend,
        Func<string, string?> env,
        Dictionary<string, string> headers,
        ImmutableArray<string>.Builder problems)
    {
        string where = $"{ManifestVariable(backend)}: header {header.Name}";
        if (HeaderRules.NameProblem(header.Name) is { } nameProblem)
        {
            problems.Add($"{ManifestVariable(backend)}: {nameProblem}");
            return;
        }

        string? value = header.Value.ValueKind != JsonValueKind.String ? null
            : secret ? env(SecretPrefix + header.Value.GetString()) : header.Value.GetString();
        if (value is null)
            problems.Add(secret ? $"{where}: the secret for backend \"{backend}\" is not set" : $"{where}: the value is not a string");
        else if (HeaderRules.ValueProblem(value) is { } valueProblem)
            problems.Add($"{where}: {valueProblem}");
        else if (!headers.TryAdd(header.Name, value))
            problems.Add($"{where} is given twice");
    }
}
