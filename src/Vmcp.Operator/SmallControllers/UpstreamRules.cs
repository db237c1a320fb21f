using System.Text.Json.Nodes;

namespace Vmcp.Operator.SmallControllers;

/// <summary>One identity provider of an embedded authorization server (CEL-14 to 16 and 18, V-31, V-37).</summary>
internal static class UpstreamRules
{
    public static void Check(JsonObject provider, string at, string[] reservedParams, List<string> problems)
    {
        string type = AuthServerRules.Text(provider, "type");
        if (type is not ("oidc" or "oauth2"))
            problems.Add(type.Length == 0 ? $"{at}.type: required: oidc or oauth2" : $"{at}.type: \"{type}\" is not known; use oidc or oauth2");
        Block(provider, "oidcConfig", "oidc", type, at, problems);
        Block(provider, "oauth2Config", "oauth2", type, at, problems);
        if (provider["oidcConfig"] is JsonObject oidc)
        {
            Required(oidc, "issuerUrl", $"{at}.oidcConfig", problems);
            Required(oidc, "clientId", $"{at}.oidcConfig", problems);
            AuthServerRules.MaxLength(oidc, "subjectClaim", 128, $"{at}.oidcConfig", problems);
            Params(oidc, $"{at}.oidcConfig", reservedParams, problems);
        }

        if (provider["oauth2Config"] is JsonObject oauth2)
            OAuth2(oauth2, $"{at}.oauth2Config", reservedParams, problems);
    }

    private static void OAuth2(JsonObject config, string at, string[] reservedParams, List<string> problems)
    {
        Required(config, "authorizationEndpoint", at, problems);
        Required(config, "tokenEndpoint", at, problems);
        Params(config, at, reservedParams, problems);

        // An empty client id counts as none, an empty dcrConfig as one (CEL-15).
        bool hasClient = AuthServerRules.Text(config, "clientId").Length > 0;
        JsonObject? dcr = config["dcrConfig"] as JsonObject;
        if (hasClient == dcr is not null)
            problems.Add($"{at}: exactly one of clientId and dcrConfig is needed");
        if (dcr is not null && config["clientSecretRef"] is not null)
            problems.Add($"{at}.clientSecretRef: a client that registers itself (dcrConfig) has no secret yet; remove it");
        if (dcr is not null)
        {
            bool discovery = AuthServerRules.Text(dcr, "discoveryUrl").Length > 0, endpoint = AuthServerRules.Text(dcr, "registrationEndpoint").Length > 0;
            if (discovery == endpoint)
                problems.Add($"{at}.dcrConfig: exactly one of discoveryUrl and registrationEndpoint is needed");
            AuthServerRules.MaxLength(dcr, "softwareId", 255, $"{at}.dcrConfig", problems);
            AuthServerRules.MaxLength(dcr, "softwareStatement", 16384, $"{at}.dcrConfig", problems);
        }

        if (config["identityFromToken"] is JsonObject identity)
        {
            if (AuthServerRules.Text(identity, "subjectPath").Length == 0)
                problems.Add($"{at}.identityFromToken.subjectPath: required: the path of the user id in the token response");
            foreach (string key in (string[])["subjectPath", "namePath", "emailPath"])
                AuthServerRules.MaxLength(identity, key, 256, $"{at}.identityFromToken", problems);
        }
    }

    private static void Block(JsonObject provider, string block, string belongsTo, string type, string at, List<string> problems)
    {
        bool present = provider[block] is not null;
        if (present && type != belongsTo)
            problems.Add($"{at}.{block}: only type: {belongsTo} has it");
        else if (!present && type == belongsTo)
            problems.Add($"{at}.{block}: required by type: {belongsTo}");
    }

    private static void Required(JsonObject map, string key, string at, List<string> problems)
    {
        if (AuthServerRules.Text(map, key).Length == 0)
            problems.Add($"{at}.{key}: required");
    }

    private static void Params(JsonObject config, string at, string[] reserved, List<string> problems)
    {
        if (config["additionalAuthorizationParams"] is not JsonObject parameters)
            return;
        foreach (string name in parameters.Select(p => p.Key).Order(StringComparer.Ordinal))
        {
            if (reserved.Contains(name))
                problems.Add($"{at}.additionalAuthorizationParams.{name}: reserved parameter, the server sets it itself");
        }
    }
}
