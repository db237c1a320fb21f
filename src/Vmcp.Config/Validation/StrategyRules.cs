using Vmcp.Config.Model;
using Vmcp.Config.Shapes;
using Vmcp.Core.Backends;

namespace Vmcp.Config.Validation;

/// <summary>The rules of one strategy (auth-and-ops 3.3).</summary>
/// <param name="path">Where the strategy is.</param>
/// <param name="env">Looks up environment variables.</param>
/// <param name="problems">Takes what is wrong.</param>
internal sealed class StrategyRules(string path, Func<string, string?> env, ProblemList problems)
{
    private static readonly string[] SubjectTokenTypes =
    [
        "access_token", "id_token", "jwt", TokenTypes.AccessToken, TokenTypes.IdToken, TokenTypes.Jwt,
    ];

    public void Check(StrategyConfig strategy)
    {
        if (strategy.Type is not { } type)
        {
            problems.Error($"{path}.type", $"required: one of {string.Join(", ", StrategyWords.All)}");
            return;
        }

        OnlyOwnBlock(strategy, type);
        switch (type)
        {
            case StrategyType.HeaderInjection:
                HeaderInjection(strategy.HeaderInjection ?? new(), $"{path}.headerInjection");
                break;
            case StrategyType.TokenExchange:
                TokenExchange(strategy.TokenExchange ?? new(), $"{path}.tokenExchange");
                break;
            case StrategyType.UpstreamInject:
                Need(strategy.UpstreamInject?.ProviderName, $"{path}.upstreamInject.providerName", "required for upstream_inject");
                break;
            case StrategyType.AwsSts:
                new AwsStsRules($"{path}.awsSts", problems).Check(strategy.AwsSts ?? new());
                break;
            case StrategyType.Obo:
                Obo(strategy.Obo ?? new(), $"{path}.obo");
                break;
            case StrategyType.Xaa:
                Xaa(strategy.Xaa ?? new(), $"{path}.xaa");
                break;
        }
    }

    private void OnlyOwnBlock(StrategyConfig strategy, StrategyType type)
    {
        Foreign(strategy.HeaderInjection, StrategyType.HeaderInjection, "headerInjection");
        Foreign(strategy.TokenExchange, StrategyType.TokenExchange, "tokenExchange");
        Foreign(strategy.UpstreamInject, StrategyType.UpstreamInject, "upstreamInject");
        Foreign(strategy.AwsSts, StrategyType.AwsSts, "awsSts");
        Foreign(strategy.Obo, StrategyType.Obo, "obo");
        Foreign(strategy.Xaa, StrategyType.Xaa, "xaa");

        void Foreign(object? block, StrategyType owner, string key)
        {
            if (block is null || owner == type)
                return;
            string remedy = $"write type: {StrategyWords.Of(owner)}, or leave it out";
            problems.Error($"{path}.{key}", $"the type is {StrategyWords.Of(type)}, which does not use it", remedy);
        }
    }

    private void HeaderInjection(HeaderInjectionConfig block, string at)
    {
        if (Need(block.HeaderName, $"{at}.headerName", "required for header_injection")
            && HeaderRules.NameProblem(block.HeaderName!) is { } nameProblem)
        {
            problems.Error($"{at}.headerName", nameProblem);
        }

        if (block.HeaderValue is not null && block.HeaderValueEnv is not null)
            problems.Error($"{at}.headerValueEnv", "headerValue is given as well", "keep exactly one of headerValue and headerValueEnv");
        else if (block.HeaderValue is null && block.HeaderValueEnv is null)
            problems.Error($"{at}.headerValue", "required for header_injection: exactly one of headerValue and headerValueEnv");
        if (block.HeaderValue is not null && HeaderRules.ValueProblem(block.HeaderValue.Reveal()) is { } valueProblem)
            problems.Error($"{at}.headerValue", valueProblem);
        if (Ensure.Environment(block.HeaderValueEnv, $"{at}.headerValueEnv", env, problems) is { Length: > 0 } value
            && HeaderRules.ValueProblem(value) is { } problem)
        {
            problems.Error($"{at}.headerValueEnv", $"the environment variable {block.HeaderValueEnv}: {problem}");
        }
    }

    private void TokenExchange(TokenExchangeConfig block, string at)
    {
        Token(block.TokenUrl, $"{at}.tokenUrl", "required for token_exchange (RFC 8693 token endpoint)");
        Client(block.ClientId, block.ClientSecret, block.ClientSecretEnv, at, "clientId", "clientSecret");
        Ensure.Distinct(block.Scopes, $"{at}.scopes", problems);
        if (block.SubjectTokenType is not null && !SubjectTokenTypes.Contains(block.SubjectTokenType))
        {
            problems.Error(
                $"{at}.subjectTokenType",
                $"\"{block.SubjectTokenType}\" is not a token type; must be one of: access_token, id_token, jwt, or the URN of one");
        }

        Ensure.NotEmpty(block.Audience, $"{at}.audience", problems);
        Resource(block.Resource, $"{at}.resource");
        Ensure.NotEmpty(block.SubjectProviderName, $"{at}.subjectProviderName", problems);
    }

    private void Obo(OboConfig block, string at)
    {
        Token(block.TokenUrl, $"{at}.tokenUrl", "required for obo");
        if (block.ClientSecret is null && block.ClientSecretEnv is null)
            problems.Error($"{at}.clientSecretEnv", "required for obo: exactly one of clientSecret and clientSecretEnv");
        Client(block.ClientId, block.ClientSecret, block.ClientSecretEnv, at, "clientId", "clientSecret");
        Ensure.Distinct(block.Scopes, $"{at}.scopes", problems);
        Ensure.Range(block.CacheSkewSeconds, 0, int.MaxValue, $"{at}.cacheSkewSeconds", problems);
        Ensure.NotEmpty(block.Audience, $"{at}.audience", problems);
        Ensure.NotEmpty(block.SubjectTokenProviderName, $"{at}.subjectTokenProviderName", problems);
    }

    private void Xaa(XaaConfig block, string at)
    {
        Token(block.IdpTokenUrl, $"{at}.idpTokenUrl", "required for xaa");
        Token(block.TargetTokenUrl, $"{at}.targetTokenUrl", "required for xaa", block.InsecureTargetTokenUrl ?? false);
        Need(block.TargetAudience, $"{at}.targetAudience", "required for xaa");
        Client(block.IdpClientId, block.IdpClientSecret, block.IdpClientSecretEnv, at, "idpClientId", "idpClientSecret", idNeedsSecret: true);
        Client(
            block.TargetClientId, block.TargetClientSecret, block.TargetClientSecretEnv, at, "targetClientId", "targetClientSecret", idNeedsSecret: true);
        if (block.SubjectTokenType is not null && block.SubjectTokenType != TokenTypes.IdToken)
            problems.Error($"{at}.subjectTokenType", $"must be {TokenTypes.IdToken}");
        Ensure.Distinct(block.Scopes, $"{at}.scopes", problems);
        Resource(block.TargetResource, $"{at}.targetResource");
        Ensure.NotEmpty(block.SubjectProviderName, $"{at}.subjectProviderName", problems);
    }

    private bool Need(string? value, string at, string why) => Ensure.Required(value, at, why, problems);

    private void Token(string? url, string at, string why, bool allowHttp = false)
    {
        if (Need(url, at, why))
            Ensure.SecureUrl(url, at, allowHttp, problems);
    }

    // RFC 8707 2.
    private void Resource(string? resource, string at)
    {
        if (resource is null)
            return;
        if (!Uri.TryCreate(resource, UriKind.Absolute, out _) || resource.StartsWith('/') || resource.Contains('#', StringComparison.Ordinal))
            problems.Error(at, $"\"{resource}\" is not an absolute URI without a fragment", "write for example https://api.example/mcp");
    }

    private void Client(string? id, Secret? secret, string? secretEnv, string at, string idKey, string secretKey, bool idNeedsSecret = false)
    {
        Ensure.NotEmpty(id, $"{at}.{idKey}", problems);
        Ensure.NotEmpty(secret?.Reveal(), $"{at}.{secretKey}", problems);
        if (secret is not null && secretEnv is not null)
            problems.Error($"{at}.{secretKey}Env", $"{secretKey} is given as well", $"keep exactly one of {secretKey} and {secretKey}Env");
        Ensure.Environment(secretEnv, $"{at}.{secretKey}Env", env, problems);
        bool hasSecret = secret is not null || secretEnv is not null;
        if (id is null && hasSecret)
            problems.Error($"{at}.{idKey}", "required: a client secret without a client id has no use");
        else if (id is not null && !hasSecret && idNeedsSecret)
            problems.Error($"{at}.{secretKey}Env", $"required: {idKey} needs {secretKey} or {secretKey}Env");
    }
}

/// <summary>The words of the strategy types.</summary>
public static class StrategyWords
{
    /// <summary>All of them, in the order of the specification.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Enum.GetValues<StrategyType>().Select(Of)];

    /// <summary>The word as the configuration spells it, for example <c>header_injection</c>.</summary>
    public static string Of(StrategyType type) => ((Writing.OutScalar)StrategyShapes.Types.Write(type)).Yaml;
}
