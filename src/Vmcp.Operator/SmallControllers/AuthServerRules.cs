using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vmcp.Operator.SmallControllers;

/// <summary>
/// Rules of an embedded authorization server beyond its schema (V-28 to V-32 and V-37; CEL-11 to 18 again, because an object may be older than
/// the rule). Reads JSON, so that both places of the block can be asked.
/// </summary>
public static class AuthServerRules
{
    private static readonly string[] ReservedParams =
        ["response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "nonce"];

    /// <summary>What is wrong with the block, in the order of its fields.</summary>
    /// <param name="server">The block.</param>
    /// <param name="at">Its path: <c>spec.embeddedAuthServer</c> or <c>spec.authServerConfig</c>.</param>
    public static IReadOnlyList<string> Problems(JsonObject server, string at)
    {
        ArgumentNullException.ThrowIfNull(server);
        List<string> problems = [];
        Issuer(server, at, problems);
        Upstreams(server, at, problems);
        Clients(server, at, problems);
        int index = 0;
        foreach (JsonObject issuer in Maps(server["trustedIssuers"]))
            TrustedIssuerRules.Check(issuer, Item($"{at}.trustedIssuers", index++), problems);
        return problems;
    }

    /// <summary>Whether users of an upstream are told apart by its tokens alone: no userinfo endpoint and no path into the token response.</summary>
    public static bool SynthesizesIdentity(JsonObject server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return Maps(server["upstreamProviders"]).Any(p =>
            Text(p, "type") == "oauth2" && p["oauth2Config"] is JsonObject oauth2 && oauth2["userInfo"] is null && oauth2["identityFromToken"] is null);
    }

    internal static string Text(JsonObject map, string key) =>
        map[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";

    internal static bool Flag(JsonObject map, string key) => map[key] is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    internal static IEnumerable<JsonObject> Maps(JsonNode? list) => list is JsonArray items ? items.OfType<JsonObject>() : [];

    internal static IEnumerable<string> Texts(JsonNode? list) =>
        list is JsonArray items ? items.OfType<JsonValue>().Where(v => v.GetValueKind() == JsonValueKind.String).Select(v => v.GetValue<string>()) : [];

    internal static string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    internal static void MaxLength(JsonObject map, string key, int max, string at, List<string> problems)
    {
        if (Text(map, key).Length > max)
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{at}.{key}: has {Text(map, key).Length} characters, at most {max} are allowed"));
    }

    private static void Issuer(JsonObject server, string at, List<string> problems)
    {
        string issuer = Text(server, "issuer");
        bool insecure = Flag(server, "insecureAllowHTTP");
        bool confidential = Flag(server, "allowConfidentialClientRegistration") || Maps(server["delegateClients"]).Any();
        if (issuer.Length == 0)
        {
            problems.Add($"{at}.issuer: required: the URL the server's tokens carry as iss");
        }
        else
        {
            SpecUrl.Check(issuer, $"{at}.issuer", insecure, problems, $"set {at}.insecureAllowHTTP: true for development");
        }

        SpecUrl.Check(Text(server, "authorizationEndpointBaseUrl"), $"{at}.authorizationEndpointBaseUrl", insecure, problems);
        if (confidential && insecure)
            problems.Add($"{at}.insecureAllowHTTP: client secrets would go in clear; remove it, or allowConfidentialClientRegistration and delegateClients");
        else if (confidential && IsHttp(issuer) && !Flag(server, "insecureAllowConfidentialOverLoopbackHTTP"))
            problems.Add($"{at}.issuer: client secrets need https; for development on loopback set {at}.insecureAllowConfidentialOverLoopbackHTTP: true");
    }

    private static bool IsHttp(string url) => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    private static void Upstreams(JsonObject server, string at, List<string> problems)
    {
        JsonObject[] providers = [.. Maps(server["upstreamProviders"])];
        if (providers.Length == 0)
            problems.Add($"{at}.upstreamProviders: required: at least one identity provider");
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < providers.Length; i++)
        {
            string here = Item($"{at}.upstreamProviders", i);
            string name = Text(providers[i], "name");
            if (name.Length == 0)
                problems.Add($"{here}.name: required: a name of lower-case letters, digits and dashes");
            else if (!names.Add(name))
                problems.Add($"{here}.name: \"{name}\" is there twice; names must differ");
            UpstreamRules.Check(providers[i], here, ReservedParams, problems);
        }
    }

    private static void Clients(JsonObject server, string at, List<string> problems)
    {
        int index = 0;
        foreach (string uri in Texts(server["forceConfidentialRedirectUris"]))
        {
            string here = Item($"{at}.forceConfidentialRedirectUris", index++);
            if (!Uri.TryCreate(uri, UriKind.Absolute, out Uri? parsed) || parsed.Scheme != "https")
                problems.Add($"{here}: must be an https URL");
            else if (parsed.IsLoopback)
                problems.Add($"{here}: a loopback address belongs to a public client");
        }

        if (index > 0 && !Flag(server, "allowConfidentialClientRegistration"))
            problems.Add($"{at}.forceConfidentialRedirectUris: needs {at}.allowConfidentialClientRegistration: true");
        index = 0;
        foreach (JsonObject client in Maps(server["delegateClients"]))
        {
            string here = Item($"{at}.delegateClients", index++);
            if (Text(client, "clientId").Length == 0)
                problems.Add($"{here}.clientId: required");
            if (client["clientSecretRef"] is not JsonObject secret || Text(secret, "name").Length == 0 || Text(secret, "key").Length == 0)
                problems.Add($"{here}.clientSecretRef: name and key of a Secret are required");
        }
    }
}
