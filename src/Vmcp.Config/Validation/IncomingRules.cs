using System.Text.Json;
using System.Text.RegularExpressions;
using Vmcp.Config.Model;
using Vmcp.Core.Values;

namespace Vmcp.Config.Validation;

/// <summary>Who may come in. The syntax of Cedar policies is not checked here.</summary>
internal static partial class IncomingRules
{
    public static void Check(GatewayConfig config, Func<string, string?> env, ProblemList problems)
    {
        if (config.IncomingAuth is not { } incoming)
            return;
        // A forgotten type must not open the gateway to everybody.
        if (incoming.Type is null)
            problems.Error("incomingAuth.type", "required: one of anonymous, oidc, local");
        if (incoming.Type == IncomingAuthType.Oidc)
            CheckOidc(incoming.Oidc ?? new OidcConfig(), env, problems);
        else if (incoming.Oidc is not null && incoming.Type is not null)
            problems.Error("incomingAuth.oidc", "only type oidc uses it, so tokens would not be checked", "write type: oidc, or leave it out");
        if (incoming.Authz is not null)
            CheckAuthz(incoming.Authz, problems);
    }

    private static void CheckOidc(OidcConfig oidc, Func<string, string?> env, ProblemList problems)
    {
        const string At = "incomingAuth.oidc";
        bool http = oidc.InsecureAllowHttp ?? false;
        if (Ensure.Required(oidc.Issuer, $"{At}.issuer", "required for oidc", problems))
            CheckUrl(oidc.Issuer, "issuer", http, problems);
        Ensure.Required(oidc.Audience, $"{At}.audience", "required for oidc", problems);
        CheckUrl(oidc.JwksUrl, "jwksUrl", http, problems);
        CheckUrl(oidc.IntrospectionUrl, "introspectionUrl", http, problems);
        Ensure.NotEmpty(oidc.Resource, $"{At}.resource", problems);
        if (oidc.Resource is not null)
            Ensure.Url(oidc.Resource, $"{At}.resource", problems, "https://gateway.example/mcp");
        if (oidc.ClientSecretEnv is not null && string.IsNullOrEmpty(oidc.ClientId))
            problems.Error($"{At}.clientSecretEnv", "a client secret without incomingAuth.oidc.clientId has no use");
        // Manifests written for the older name go on working.
        if (string.IsNullOrEmpty(env(OidcConfig.LegacyClientSecretVariable)))
            Ensure.Environment(oidc.ClientSecretEnv, $"{At}.clientSecretEnv", env, problems);
        CheckScopes(oidc.Scopes, $"{At}.scopes", problems);
        CheckScopes(oidc.RequiredScopes, $"{At}.requiredScopes", problems);
        Ensure.NotEmpty(oidc.RequiredSubject, $"{At}.requiredSubject", problems);
        CheckKeySource(oidc, problems);
        Ensure.AbsolutePath(oidc.CaBundlePath, $"{At}.caBundlePath", problems);
    }

    // Two places for keys would leave open which counts; a token that is sent nowhere is a misunderstanding.
    private static void CheckKeySource(OidcConfig oidc, ProblemList problems)
    {
        const string At = "incomingAuth.oidc";
        Ensure.AbsolutePath(oidc.JwksFile, $"{At}.jwksFile", problems);
        Ensure.AbsolutePath(oidc.JwksAuthTokenPath, $"{At}.jwksAuthTokenPath", problems);
        if (oidc.JwksFile is null)
            return;
        if (oidc.JwksUrl is not null)
            problems.Error($"{At}.jwksFile", "excludes incomingAuth.oidc.jwksUrl", "keep the one the keys come from");
        if (oidc.JwksAuthTokenPath is not null)
            problems.Error($"{At}.jwksAuthTokenPath", "has no use with incomingAuth.oidc.jwksFile, where no keys are fetched", "leave it out");
    }

    // RFC 6749 3.3: a scope is one word of visible ASCII characters without quotation mark and backslash; it also ends up in a header.
    private static void CheckScopes(EquatableArray<string> scopes, string path, ProblemList problems)
    {
        Ensure.Distinct(scopes, path, problems);
        for (int i = 0; i < scopes.Count; i++)
        {
            if (scopes[i].Any(c => c is <= ' ' or >= '\x7f' or '"' or '\\'))
                problems.Error($"{path}[{i}]", "a scope is one word of visible ASCII characters without \" and \\", "write one scope per entry");
        }
    }

    private static void CheckUrl(string? value, string key, bool allowHttp, ProblemList problems)
    {
        string path = $"incomingAuth.oidc.{key}";
        Ensure.Url(value, path, problems, "https://idp.example");
        if (!allowHttp && Uri.TryCreate(value, UriKind.Absolute, out Uri? url) && url.Scheme == "http")
            problems.Error(path, "must be https", "or write insecureAllowHttp: true while developing");
    }

    private static void CheckAuthz(AuthzConfig authz, ProblemList problems)
    {
        const string At = "incomingAuth.authz";
        if (authz.Type is null)
            problems.Error($"{At}.type", "required: one of none, cedar");
        if (authz.Type == AuthzType.Cedar && authz.Policies.IsEmpty)
            problems.Error($"{At}.policies", "required for cedar");
        if (authz.Type == AuthzType.None && !authz.Policies.IsEmpty)
            problems.Error($"{At}.policies", "type none ignores policies, so everything would be allowed", "write type: cedar, or leave them out");
        for (int i = 0; i < authz.Policies.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(authz.Policies[i]))
                problems.Error($"{At}.policies[{i}]", "must not be empty");
        }

        if (authz.EntitiesJson is not null && !IsJsonArray(authz.EntitiesJson))
            problems.Error($"{At}.entitiesJson", "must be a JSON array");
        if (authz.GroupEntityType is not null && !Identifier().IsMatch(authz.GroupEntityType))
            problems.Error($"{At}.groupEntityType", $"\"{authz.GroupEntityType}\" is not one plain identifier");
        Ensure.NotEmpty(authz.GroupClaimName, $"{At}.groupClaimName", problems);
        Ensure.NotEmpty(authz.RoleClaimName, $"{At}.roleClaimName", problems);
    }

    private static bool IsJsonArray(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Array;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Identifier();
}
