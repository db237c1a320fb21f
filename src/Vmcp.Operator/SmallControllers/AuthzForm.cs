using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vmcp.Config.Values;

namespace Vmcp.Operator.SmallControllers;

/// <summary>
/// The form of an authorizer's settings (V-45): which keys there are and what they hold. Policies are checked to be complete statements,
/// not to be Cedar; that is the authorizer's own parser's business.
/// </summary>
internal static partial class AuthzForm
{
    private static readonly string[] CedarKeys =
        ["policies", "entities_json", "primary_upstream_provider", "group_claim_name", "role_claim_name", "group_entity_type", "multi_valued_claims"];

    private static readonly string[] HttpKeys = ["http", "context", "claim_mapping"];

    public static List<string> Problems(string? type, JsonElement? config)
    {
        List<string> problems = [];
        if (string.IsNullOrEmpty(type))
            problems.Add("spec.type: required: cedarv1 or httpv1");
        else if (type is not ("cedarv1" or "httpv1"))
            problems.Add($"spec.type: there is no authorizer \"{type}\"; use cedarv1 or httpv1");
        if (config is not { ValueKind: JsonValueKind.Object } settings)
            problems.Add(config is null or { ValueKind: JsonValueKind.Null } ? "spec.config: required: the authorizer's settings" : "spec.config: must be a map");
        else if (!settings.EnumerateObject().Any())
            problems.Add("spec.config: must not be empty: the authorizer's settings");
        else if (type == "cedarv1")
            Cedar(settings, problems);
        else if (type == "httpv1")
            Http(settings, problems);
        return problems;
    }

    private static void Cedar(JsonElement config, List<string> problems)
    {
        KnownKeys(config, "spec.config", CedarKeys, problems);
        Policies(config, problems);
        foreach (string key in (string[])["primary_upstream_provider", "group_claim_name", "role_claim_name", "group_entity_type"])
        {
            if (config.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.String)
                problems.Add($"spec.config.{key}: must be a text");
            else if (key == "group_entity_type" && value.ValueKind == JsonValueKind.String && !EntityType().IsMatch(value.GetString()!))
                problems.Add($"spec.config.{key}: \"{value.GetString()}\" is not the name of a Cedar entity type");
        }

        if (config.TryGetProperty("multi_valued_claims", out JsonElement claims) && !IsTexts(claims))
            problems.Add("spec.config.multi_valued_claims: must be a list of texts");
        if (config.TryGetProperty("entities_json", out JsonElement entities))
            Entities(entities, problems);
    }

    private static void Policies(JsonElement config, List<string> problems)
    {
        if (!config.TryGetProperty("policies", out JsonElement policies) || policies.ValueKind != JsonValueKind.Array || policies.GetArrayLength() == 0)
        {
            problems.Add("spec.config.policies: required: a list with at least one Cedar policy");
            return;
        }

        int index = 0;
        foreach (JsonElement policy in policies.EnumerateArray())
        {
            string at = string.Create(CultureInfo.InvariantCulture, $"spec.config.policies[{index++}]");
            if (policy.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(policy.GetString()))
                problems.Add($"{at}: must be the text of a Cedar policy");
            else if (PolicyProblem(policy.GetString()!) is { } problem)
                problems.Add($"{at}: {problem}");
        }
    }

    /// <summary>A statement says permit or forbid, has its parentheses and braces in pairs and ends with a semicolon.</summary>
    private static string? PolicyProblem(string policy)
    {
        string bare = CommentsAndTexts().Replace(policy, "\"\"").Trim();
        if (!Statement().IsMatch(bare))
            return "a Cedar policy begins with permit or forbid";
        if (!bare.EndsWith(';'))
            return "a Cedar policy ends with a semicolon";
        Stack<char> open = new();
        foreach (char c in bare)
        {
            if (c is '(' or '{' or '[')
                open.Push(c);
            else if (c is ')' or '}' or ']' && (!open.TryPop(out char before) || before != (c == ')' ? '(' : c == '}' ? '{' : '[')))
                return $"a {c} closes nothing";
        }

        return open.TryPeek(out char left) ? $"a {left} is never closed" : null;
    }

    private static void Entities(JsonElement entities, List<string> problems)
    {
        const string At = "spec.config.entities_json";
        if (entities.ValueKind != JsonValueKind.String)
        {
            problems.Add($"{At}: must be a text that holds a JSON list");
            return;
        }

        string text = entities.GetString()!;
        if (text.Length == 0)
            return;
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                problems.Add($"{At}: must hold a JSON list of entities, [] for none");
        }
        catch (JsonException e)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{At}: not JSON (line {(e.LineNumber ?? 0) + 1} of the text)"));
        }
    }

    private static void Http(JsonElement config, List<string> problems)
    {
        KnownKeys(config, "spec.config", HttpKeys, problems);
        if (!config.TryGetProperty("http", out JsonElement http) || http.ValueKind != JsonValueKind.Object)
        {
            problems.Add("spec.config.http: required: a map with the url of the policy decision point");
        }
        else
        {
            KnownKeys(http, "spec.config.http", ["url", "timeout", "insecure_skip_verify"], problems);
            if (!http.TryGetProperty("url", out JsonElement url) || url.ValueKind != JsonValueKind.String || url.GetString()!.Length == 0)
                problems.Add("spec.config.http.url: required: where decisions are asked for");
            else
                SpecUrl.Check(url.GetString(), "spec.config.http.url", allowHttp: true, problems);
            if (http.TryGetProperty("timeout", out JsonElement timeout) && !IsTimeout(timeout))
                problems.Add("spec.config.http.timeout: must be a number of seconds or a duration like 5s");
            Flag(http, "spec.config.http", "insecure_skip_verify", problems);
        }

        if (config.TryGetProperty("context", out JsonElement context))
        {
            if (context.ValueKind != JsonValueKind.Object)
            {
                problems.Add("spec.config.context: must be a map");
                return;
            }

            KnownKeys(context, "spec.config.context", ["include_args", "include_operation"], problems);
            Flag(context, "spec.config.context", "include_args", problems);
            Flag(context, "spec.config.context", "include_operation", problems);
        }
    }

    private static bool IsTimeout(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble() > 0,
        JsonValueKind.String => GoDuration.TryParse(value.GetString()!, out TimeSpan time, out _) && time > TimeSpan.Zero,
        _ => false,
    };

    private static void Flag(JsonElement map, string at, string key, List<string> problems)
    {
        if (map.TryGetProperty(key, out JsonElement value) && value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            problems.Add($"{at}.{key}: must be true or false");
    }

    private static bool IsTexts(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String);

    // A misspelt key would leave a policy out without a word.
    private static void KnownKeys(JsonElement map, string at, string[] known, List<string> problems)
    {
        foreach (JsonProperty member in map.EnumerateObject())
        {
            if (!known.Contains(member.Name))
                problems.Add($"{at}.{member.Name}: unknown key; known are {string.Join(", ", known)}");
        }
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex EntityType();

    [GeneratedRegex(@"^(@[A-Za-z_]\w*\s*(\(\s*""""\s*\))?\s*|""""\s*)*(permit|forbid)\s*\(", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Statement();

    [GeneratedRegex(@"//[^\n]*|""(?:[^""\\]|\\.)*""", RegexOptions.CultureInvariant | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CommentsAndTexts();
}
