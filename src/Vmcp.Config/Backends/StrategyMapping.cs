using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Validation;
using Vmcp.Core.Backends;

namespace Vmcp.Config.Backends;

/// <summary>
/// Turns one strategy of a configuration into what the gateway applies: secrets looked up, defaults filled in. Checks all it needs again, because a
/// document under the operator is taken although a value for a single backend is missing.
/// </summary>
/// <param name="env">Looks up an environment variable; null when it is not set.</param>
internal sealed class StrategyMapping(Func<string, string?> env)
{
    /// <summary>The block the problem is in, as the configuration spells it, for example <c>tokenExchange</c>.</summary>
    public string Block { get; private set; } = "type";

    /// <summary>Why there is no strategy, as a clause; null when there is one.</summary>
    public string? Problem { get; private set; }

    /// <summary>The strategy; null with <see cref="Problem"/> set.</summary>
    public Strategy? Map(StrategyConfig config)
    {
        Strategy? strategy = config.Type switch
        {
            StrategyType.Unauthenticated => Strategy.None,
            StrategyType.HeaderInjection => In("headerInjection", HeaderInjection(config.HeaderInjection ?? new())),
            StrategyType.TokenExchange => In("tokenExchange", TokenExchange(config.TokenExchange ?? new())),
            StrategyType.UpstreamInject => In("upstreamInject", UpstreamInject(config.UpstreamInject ?? new())),
            StrategyType.AwsSts => In("awsSts", AwsSts(config.AwsSts ?? new())),
            StrategyType.Obo => new OboStrategy(),
            StrategyType.Xaa => In("xaa", Xaa(config.Xaa ?? new())),
            _ => Fail("no type is given"),
        };
        return Problem is null ? strategy : null;
    }

    private Strategy? In(string block, Strategy? strategy)
    {
        Block = block;
        return strategy;
    }

    private HeaderInjectionStrategy? HeaderInjection(HeaderInjectionConfig block)
    {
        Secret? value = SecretOf(block.HeaderValue, block.HeaderValueEnv);
        if (value is null)
        {
            Fail("no header value is given");
            return null;
        }

        if ((HeaderRules.NameProblem(block.HeaderName ?? "") ?? HeaderRules.ValueProblem(value.Reveal())) is { } wrong)
            Fail(wrong);
        return new HeaderInjectionStrategy(block.HeaderName ?? "", value);
    }

    private TokenExchangeStrategy? TokenExchange(TokenExchangeConfig block)
    {
        Uri? url = UrlOf(block.TokenUrl, "tokenUrl");
        ClientCredential? client = ClientOf(block.ClientId, block.ClientSecret, block.ClientSecretEnv, "clientId");
        return url is null ? null : new TokenExchangeStrategy
        {
            TokenUrl = url,
            Client = client,
            Audience = Null(block.Audience),
            Resource = Null(block.Resource),
            Scope = ScopeText.Join(block.Scopes),
            SubjectTokenType = Null(block.SubjectTokenType) is { } type ? TokenTypes.Whole(type) : TokenTypes.AccessToken,
            SubjectProviderName = Null(block.SubjectProviderName),
        };
    }

    private Strategy? UpstreamInject(UpstreamInjectConfig block) =>
        Null(block.ProviderName) is { } provider ? new UpstreamInjectStrategy(provider) : Fail("providerName is missing");

    private Strategy? AwsSts(AwsStsConfig block)
    {
        ProblemList wrong = new(SourceMap.Empty);
        new AwsStsRules("", wrong).Check(block);
        if (wrong.ToImmutable() is [var first, ..])
            return Fail($"{first.Path.TrimStart('.')}: {first.Message}".TrimStart(' ', ':'));
        AwsStsStrategy strategy = new()
        {
            Region = block.Region!,
            FallbackRoleArn = Null(block.FallbackRoleArn),
            RoleMappings = [.. block.RoleMappings.Select(m => new RoleMapping(Null(m.Claim), Null(m.Matcher), m.RoleArn ?? "", m.Priority))],
            SubjectProviderName = Null(block.SubjectProviderName),
        };
        return strategy with
        {
            Service = Null(block.Service) ?? strategy.Service,
            RoleClaim = Null(block.RoleClaim) ?? strategy.RoleClaim,
            SessionDuration = block.SessionDuration is { } seconds ? TimeSpan.FromSeconds(seconds) : strategy.SessionDuration,
            SessionNameClaim = Null(block.SessionNameClaim) ?? strategy.SessionNameClaim,
        };
    }

    private XaaStrategy? Xaa(XaaConfig block)
    {
        bool plain = block.InsecureTargetTokenUrl ?? false;
        Uri? idp = UrlOf(block.IdpTokenUrl, "idpTokenUrl");
        Uri? target = UrlOf(block.TargetTokenUrl, "targetTokenUrl", plain);
        ClientCredential? idpClient = ClientOf(block.IdpClientId, block.IdpClientSecret, block.IdpClientSecretEnv, "idpClientId");
        ClientCredential? targetClient = ClientOf(block.TargetClientId, block.TargetClientSecret, block.TargetClientSecretEnv, "targetClientId");
        if (string.IsNullOrEmpty(block.TargetAudience))
            Fail("targetAudience is missing");
        return idp is null || target is null ? null : new XaaStrategy
        {
            IdpTokenUrl = idp,
            IdpClient = idpClient,
            TargetTokenUrl = target,
            TargetIsInsecure = plain,
            TargetClient = targetClient,
            TargetAudience = block.TargetAudience ?? "",
            TargetResource = Null(block.TargetResource),
            Scope = ScopeText.Join(block.Scopes),
            SubjectProviderName = Null(block.SubjectProviderName),
        };
    }

    private ClientCredential? ClientOf(string? id, Secret? secret, string? variable, string idField)
    {
        Secret? found = SecretOf(secret, variable);
        if (found is not null && found.Reveal().Any(char.IsControl))
            Fail($"the secret of {idField} holds control characters (a line break at its end, perhaps)");
        if (Null(id) is { } name)
            return new ClientCredential(name, found);
        if (found is not null)
            Fail($"{idField} is missing");
        return null;
    }

    private Secret? SecretOf(Secret? direct, string? variable)
    {
        string? value = direct?.Reveal();
        if (value is null && !string.IsNullOrEmpty(variable))
        {
            value = env(variable);
            if (value is null)
                Fail($"the environment variable {variable} is not set");
            else if (value.Length == 0)
                Fail($"the environment variable {variable} is empty");
        }

        // Kubernetes leaves a reference as it stands when the variable behind it is missing: the Secret is gone.
        if (value?.Contains(VariableNames.Unexpanded, StringComparison.Ordinal) == true)
            Fail($"the environment variable {variable ?? "of its value"} refers to another one that is not set; does its Secret exist?");
        return value is null ? null : new Secret(value);
    }

    private Uri? UrlOf(string? text, string field, bool allowHttp = false)
    {
        if (string.IsNullOrEmpty(text))
        {
            Fail($"{field} is missing");
            return null;
        }

        // A secret or a token goes there: what the rules of the file refuse is refused here too.
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url)
            && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && (allowHttp || url.IsLoopback)))
            && url.UserInfo.Length == 0
            && !text.Contains('#', StringComparison.Ordinal))
        {
            return url;
        }

        Fail($"{field} is no https URL without user and fragment");
        return null;
    }

    private Strategy? Fail(string why)
    {
        Problem ??= why;
        return null;
    }

    private static string? Null(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
