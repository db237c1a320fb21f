using System.Text.Json.Nodes;
using Vmcp.Config.Values;

namespace Vmcp.Operator.SmallControllers;

/// <summary>One external issuer whose tokens an embedded authorization server takes in exchange (CEL-21 to 28, V-37).</summary>
internal static class TrustedIssuerRules
{
    private static readonly string[] ReservedClaims =
        ["sub", "iss", "aud", "exp", "iat", "nbf", "jti", "name", "email", "scope", "scp", "may_act"];

    public static void Check(JsonObject issuer, string at, List<string> problems)
    {
        string url = AuthServerRules.Text(issuer, "issuerUrl");
        if (url.Length == 0)
            problems.Add($"{at}.issuerUrl: required: the exact iss of its tokens");
        SpecUrl.Check(url, $"{at}.issuerUrl", AuthServerRules.Flag(issuer, "insecureAllowHTTP"), problems);
        SpecUrl.Check(AuthServerRules.Text(issuer, "jwksUrl"), $"{at}.jwksUrl", AuthServerRules.Flag(issuer, "insecureAllowHTTP"), problems);
        if (AuthServerRules.Flag(issuer, "allowPrivateIPs") && AuthServerRules.Text(issuer, "jwksUrl").Length == 0)
            problems.Add($"{at}.jwksUrl: required by allowPrivateIPs: true");
        string claim = AuthServerRules.Text(issuer, "actorClaim");
        if (ReservedClaims.Contains(claim))
            problems.Add($"{at}.actorClaim: \"{claim}\" does not name a client; use client_id, azp or a claim of your own");
        Delegates(issuer, at, problems);
        if (issuer["jwtBearerGrant"] is JsonObject grant)
            Grant(grant, $"{at}.jwtBearerGrant", problems);
    }

    private static void Delegates(JsonObject issuer, string at, List<string> problems)
    {
        string[] clients = [.. AuthServerRules.Texts(issuer["allowedDelegateClients"])];
        bool any = clients.Contains("*");
        if (any && clients.Length > 1)
            problems.Add($"{at}.allowedDelegateClients: \"*\" means any client; write it alone or list the clients");
        if (any && AuthServerRules.Flag(issuer, "allowMayAct"))
            problems.Add($"{at}.allowMayAct: not together with allowedDelegateClients \"*\"; list the clients");
        bool acts = AuthServerRules.Text(issuer, "actorClaim").Length > 0
            || AuthServerRules.Text(issuer, "actorMatcher").Length > 0
            || AuthServerRules.Flag(issuer, "allowMayAct");
        bool hasAudience = AuthServerRules.Text(issuer, "expectedAudience").Length > 0;
        bool actsOrNames = acts || AuthServerRules.Texts(issuer["allowedActors"]).Any();
        if (!hasAudience && (issuer["jwtBearerGrant"] is null || actsOrNames))
            problems.Add($"{at}.expectedAudience: required: the aud of tokens to exchange");
        if ((hasAudience || acts) && clients.Length == 0)
            problems.Add($"{at}.allowedDelegateClients: required: the clients that may exchange its tokens");
    }

    private static void Grant(JsonObject grant, string at, List<string> problems)
    {
        string age = AuthServerRules.Text(grant, "maxAssertionAge");
        if (!GoDuration.TryParse(age, out TimeSpan value, out _) || value <= TimeSpan.Zero)
            problems.Add($"{at}.maxAssertionAge: must be a duration above 0 like 5m");
        HashSet<string> subjects = new(StringComparer.Ordinal);
        int index = 0;
        foreach (JsonObject binding in AuthServerRules.Maps(grant["subjectBindings"]))
        {
            string subject = AuthServerRules.Text(binding, "subject");
            string here = AuthServerRules.Item($"{at}.subjectBindings", index++);
            if (subject.Length == 0)
                problems.Add($"{here}.subject: required");
            else if (!subjects.Add(subject))
                problems.Add($"{here}.subject: \"{subject}\" is there twice");
        }
    }
}
