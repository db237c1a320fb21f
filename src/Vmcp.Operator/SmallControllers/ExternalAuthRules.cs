using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Config.Validation;
using Vmcp.Core.Expressions;

namespace Vmcp.Operator.SmallControllers;

/// <summary>What an MCPExternalAuthConfig must be (V-37 to V-39; CEL-37 again, because an object may be older than the rule).</summary>
internal static class ExternalAuthRules
{
    private static readonly string[] Blocks =
        ["tokenExchange", "headerInjection", "bearerToken", "embeddedAuthServer", "awsSts", "upstreamInject", "obo", "xaa"];

    public static IReadOnlyList<string> Problems(JsonObject spec)
    {
        List<string> problems = [];
        string type = AuthServerRules.Text(spec, "type");
        if (type.Length == 0)
            problems.Add($"spec.type: required: one of unauthenticated, {string.Join(", ", Blocks)}");
        else if (type != "unauthenticated" && !Blocks.Contains(type))
            problems.Add($"spec.type: \"{type}\" is not known; use one of unauthenticated, {string.Join(", ", Blocks)}");
        foreach (string block in Blocks)
        {
            bool present = spec[block] is not null;
            if (present && type != block)
                problems.Add($"spec.{block}: only type: {block} has it; remove it or change spec.type");
            else if (!present && type == block)
                problems.Add($"spec.{block}: required by type: {block}");
        }

        if (spec[type.Length == 0 ? "type" : type] is JsonObject own)
            Own(type, own, problems);
        return problems;
    }

    private static void Own(string type, JsonObject own, List<string> problems)
    {
        string at = $"spec.{type}";
        switch (type)
        {
            case "tokenExchange":
                Required(own, "tokenUrl", at, problems);
                Required(own, "audience", at, problems);
                SpecUrl.Check(AuthServerRules.Text(own, "tokenUrl"), $"{at}.tokenUrl", allowHttp: true, problems);
                Secret(own, "clientSecretRef", at, required: false, problems);
                break;
            case "headerInjection":
                string name = AuthServerRules.Text(own, "headerName");
                Required(own, "headerName", at, problems);
                if (name.Length > 0 && HeaderRules.NameProblem(name) is { } problem)
                    problems.Add($"{at}.headerName: {problem}");
                Secret(own, "valueSecretRef", at, required: true, problems);
                break;
            case "bearerToken":
                Secret(own, "tokenSecretRef", at, required: true, problems);
                break;
            case "upstreamInject":
                Required(own, "providerName", at, problems);
                break;
            case "awsSts":
                AwsSts(own, at, problems);
                break;
            case "xaa":
                Xaa(own, at, problems);
                break;
            case "embeddedAuthServer":
                problems.AddRange(AuthServerRules.Problems(own, at));
                break;
        }
    }

    private static void AwsSts(JsonObject own, string at, List<string> problems)
    {
        Required(own, "region", at, problems);
        JsonObject[] mappings = [.. AuthServerRules.Maps(own["roleMappings"])];
        if (AuthServerRules.Text(own, "fallbackRoleArn").Length == 0 && mappings.Length == 0)
            problems.Add($"{at}: fallbackRoleArn or roleMappings is required: the role to assume");
        if (own["sessionDuration"] is JsonValue duration
            && duration.GetValueKind() == JsonValueKind.Number
            && duration.GetValue<int>() is < 900 or > 43200)
        {
            problems.Add($"{at}.sessionDuration: must be between 900 and 43200 seconds, is {duration.ToJsonString()}");
        }

        for (int i = 0; i < mappings.Length; i++)
        {
            string here = AuthServerRules.Item($"{at}.roleMappings", i);
            Required(mappings[i], "roleArn", here, problems);
            if (AuthServerRules.Text(mappings[i], "claim").Length > 0 == AuthServerRules.Text(mappings[i], "matcher").Length > 0)
                problems.Add($"{here}: exactly one of claim and matcher is needed");
            else if (AuthServerRules.Text(mappings[i], "matcher") is { Length: > 0 } matcher && !ClaimExpression.TryParse(matcher, out _, out ExpressionProblem? problem))
                problems.Add($"{here}.matcher: {problem}");
        }
    }

    private static void Xaa(JsonObject own, string at, List<string> problems)
    {
        foreach (string key in (string[])["idpTokenUrl", "targetTokenUrl", "targetAudience"])
            Required(own, key, at, problems);
        SpecUrl.Check(AuthServerRules.Text(own, "idpTokenUrl"), $"{at}.idpTokenUrl", allowHttp: false, problems);
        SpecUrl.Check(
            AuthServerRules.Text(own, "targetTokenUrl"),
            $"{at}.targetTokenUrl",
            AuthServerRules.Flag(own, "insecureTargetTokenUrl"),
            problems,
            $"set {at}.insecureTargetTokenUrl: true for development");
        Secret(own, "idpClientSecretRef", at, required: false, problems);
        Secret(own, "targetClientSecretRef", at, required: false, problems);
    }

    private static void Required(JsonObject map, string key, string at, List<string> problems)
    {
        if (AuthServerRules.Text(map, key).Length == 0)
            problems.Add($"{at}.{key}: required");
    }

    private static void Secret(JsonObject map, string key, string at, bool required, List<string> problems)
    {
        if (map[key] is JsonObject secret)
        {
            if (AuthServerRules.Text(secret, "name").Length == 0 || AuthServerRules.Text(secret, "key").Length == 0)
                problems.Add($"{at}.{key}: name and key of a Secret are required");
        }
        else if (required)
        {
            problems.Add($"{at}.{key}: required: name and key of a Secret");
        }
    }
}
