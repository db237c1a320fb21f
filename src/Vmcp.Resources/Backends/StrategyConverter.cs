using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Validation;
using Vmcp.Core.Backends;

namespace Vmcp.Resources.Backends;

/// <summary>What an MCPExternalAuthConfig means for a gateway (operator 4.1), secrets named by variable.</summary>
/// <param name="upstreams">The upstream providers of the embedded authorization server, in order; empty without one.</param>
internal sealed class StrategyConverter(ImmutableArray<string> upstreams)
{

    /// <summary>The strategy, or the reason why there is none. Secrets are not looked at.</summary>
    public ConvertedStrategy Convert(MCPExternalAuthConfig config)
    {
        Variables variables = new();
        (StrategyConfig? strategy, MemberProblem? problem) = config.Spec.Type switch
        {
            "unauthenticated" => (new StrategyConfig { Type = StrategyType.Unauthenticated }, null),
            "headerInjection" => HeaderInjection(config, variables),
            "bearerToken" => BearerToken(config, variables),
            "tokenExchange" => TokenExchange(config, variables),
            "upstreamInject" => UpstreamInject(config),
            "awsSts" => AwsSts(config),
            "xaa" => Xaa(config, variables),
            "obo" => (null, new MemberProblem("EnterpriseRequired", $"{Of(config)} has type obo, which needs {new OboStrategy().Needs}")),
            string other => (null, new MemberProblem("UnsupportedType", $"{Of(config)} has type {other}, which is no way to sign in to a backend")),
            null => (null, Invalid(config, "spec.type is missing")),
        };
        problem ??= variables.Problem is { } missing ? Invalid(config, missing) : null;
        problem ??= strategy is null ? null : Check(config, strategy);
        return new ConvertedStrategy(problem is null ? strategy : null, variables.Sorted(), problem) { Unused = Unused(config) };
    }

    /// <summary>A problem of the content of a config.</summary>
    public static MemberProblem Invalid(MCPExternalAuthConfig config, string what) => new("InvalidConfig", $"{Of(config)}: {what}");

    private static (StrategyConfig?, MemberProblem?) HeaderInjection(MCPExternalAuthConfig config, Variables variables)
    {
        if (config.Spec.HeaderInjection is not { } block)
            return (null, NoBlock(config, "headerInjection"));
        string? env = variables.Add(
            AuthVariables.HeaderValue(config.Metadata.Name), block.ValueSecretRef ?? new SecretKeyRef(), "spec.headerInjection.valueSecretRef");
        return (Header(block.HeaderName, env), null);
    }

    // The gateway has no strategy of its own for it: a bearer token is one fixed Authorization header.
    private static (StrategyConfig?, MemberProblem?) BearerToken(MCPExternalAuthConfig config, Variables variables)
    {
        if (config.Spec.BearerToken is not { } block)
            return (null, NoBlock(config, "bearerToken"));
        string name = config.Metadata.Name;
        string? token = variables.Add(
            AuthVariables.BearerToken(name), block.TokenSecretRef ?? new SecretKeyRef(), "spec.bearerToken.tokenSecretRef");
        return (Header("Authorization", variables.Compose(AuthVariables.HeaderValue(name), $"Bearer $({token})")), null);
    }

    private static StrategyConfig Header(string name, string? valueEnv) => new()
    {
        Type = StrategyType.HeaderInjection,
        HeaderInjection = new HeaderInjectionConfig { HeaderName = name, HeaderValueEnv = valueEnv },
    };

    private (StrategyConfig?, MemberProblem?) TokenExchange(MCPExternalAuthConfig config, Variables variables)
    {
        if (config.Spec.TokenExchange is not { } block)
            return (null, NoBlock(config, "tokenExchange"));
        if (Provider(config, "spec.tokenExchange.subjectProviderName", block.SubjectProviderName) is { } problem)
            return (null, problem);
        return (new StrategyConfig
        {
            Type = StrategyType.TokenExchange,
            TokenExchange = new TokenExchangeConfig
            {
                TokenUrl = block.TokenUrl,
                ClientId = Null(block.ClientId),
                ClientSecretEnv = variables.Add(
                    AuthVariables.TokenExchangeSecret(config.Metadata.Name), block.ClientSecretRef, "spec.tokenExchange.clientSecretRef"),
                Audience = Null(block.Audience),
                Scopes = [.. block.Scopes],
                SubjectTokenType = Urn(block.SubjectTokenType),
                SubjectProviderName = Null(block.SubjectProviderName) ?? upstreams.FirstOrDefault(),
            },
        }, null);
    }

    private (StrategyConfig?, MemberProblem?) UpstreamInject(MCPExternalAuthConfig config)
    {
        if (config.Spec.UpstreamInject is not { } block)
            return (null, NoBlock(config, "upstreamInject"));
        if (upstreams.IsEmpty)
            return (null, new MemberProblem("UnsupportedType", $"{Of(config)} has type upstreamInject, which needs {LackOf(block.ProviderName)}"));
        if (Provider(config, "spec.upstreamInject.providerName", block.ProviderName) is { } problem)
            return (null, problem);
        return (new StrategyConfig
        {
            Type = StrategyType.UpstreamInject,
            UpstreamInject = new UpstreamInjectConfig { ProviderName = block.ProviderName },
        }, null);
    }

    private (StrategyConfig?, MemberProblem?) AwsSts(MCPExternalAuthConfig config)
    {
        if (config.Spec.AwsSts is not { } block)
            return (null, NoBlock(config, "awsSts"));
        if (Provider(config, "spec.awsSts.subjectProviderName", block.SubjectProviderName) is { } problem)
            return (null, problem);
        return (new StrategyConfig
        {
            Type = StrategyType.AwsSts,
            AwsSts = new AwsStsConfig
            {
                Region = block.Region,
                Service = Null(block.Service),
                FallbackRoleArn = Null(block.FallbackRoleArn),
                RoleMappings =
                [
                    .. block.RoleMappings.Select(m => new RoleMappingConfig
                    {
                        Claim = Null(m.Claim), Matcher = Null(m.Matcher), RoleArn = m.RoleArn, Priority = m.Priority,
                    }),
                ],
                RoleClaim = Null(block.RoleClaim),
                SessionDuration = block.SessionDuration,
                SessionNameClaim = Null(block.SessionNameClaim),
                SubjectProviderName = Null(block.SubjectProviderName) ?? upstreams.FirstOrDefault(),
            },
        }, null);
    }

    private (StrategyConfig?, MemberProblem?) Xaa(MCPExternalAuthConfig config, Variables variables)
    {
        if (config.Spec.Xaa is not { } block)
            return (null, NoBlock(config, "xaa"));
        if (Provider(config, "spec.xaa.subjectProviderName", block.SubjectProviderName) is { } problem)
            return (null, problem);
        string name = config.Metadata.Name;
        string? idp = variables.Add(AuthVariables.XaaIdpSecret(name), block.IdpClientSecretRef, "spec.xaa.idpClientSecretRef");
        string? target = variables.Add(AuthVariables.XaaTargetSecret(name), block.TargetClientSecretRef, "spec.xaa.targetClientSecretRef");
        string? provider = Null(block.SubjectProviderName);
        // An ID token of the wrong provider would speak for the wrong account, so nobody guesses.
        if (provider is null && upstreams.Length > 1)
        {
            return (null, new MemberProblem(
                "AmbiguousSubjectProvider",
                $"{Of(config)}: spec.xaa.subjectProviderName is needed, because there are {upstreams.Length} upstream providers: {string.Join(", ", upstreams)}"));
        }

        return (new StrategyConfig
        {
            Type = StrategyType.Xaa,
            Xaa = new XaaConfig
            {
                IdpTokenUrl = block.IdpTokenUrl,
                IdpClientId = Null(block.IdpClientId),
                IdpClientSecretEnv = idp,
                TargetTokenUrl = block.TargetTokenUrl,
                InsecureTargetTokenUrl = block.InsecureTargetTokenUrl == true ? true : null,
                TargetClientId = Null(block.TargetClientId),
                TargetClientSecretEnv = target,
                TargetAudience = block.TargetAudience,
                TargetResource = Null(block.TargetResource),
                Scopes = [.. block.Scopes],
                SubjectProviderName = provider ?? upstreams.FirstOrDefault(),
                SubjectTokenType = Null(block.SubjectTokenType),
            },
        }, null);
    }

    // Another token than the caller's was asked for; to send the caller's instead would speak for the wrong account.
    private MemberProblem? Provider(MCPExternalAuthConfig config, string path, string? name)
    {
        if (string.IsNullOrEmpty(name) || upstreams.Contains(name))
            return null;
        return upstreams.IsEmpty
            ? new MemberProblem("UnsupportedType", $"{Of(config)}: {path} needs {LackOf(name)}; leave it out to use the caller's own token")
            : Invalid(config, $"{path}: there is no upstream provider \"{name}\"; there are: {string.Join(", ", upstreams)}");
    }

    private static string? LackOf(string provider) => new UpstreamInjectStrategy(provider).Needs;

    // A proxy in front of one server can put the token elsewhere; this gateway's backends get it where RFC 6750 says (operator 4.1).
    private static string? Unused(MCPExternalAuthConfig config) =>
        config.Spec is { Type: "tokenExchange", TokenExchange.ExternalTokenHeaderName: { Length: > 0 } header }
        && !header.Equals("Authorization", StringComparison.OrdinalIgnoreCase)
            ? $"spec.tokenExchange.externalTokenHeaderName is not used: backends get the token in Authorization, not in {header}"
            : null;

    // The gateway's own rules: what it would refuse must not reach its document.
    private static MemberProblem? Check(MCPExternalAuthConfig config, StrategyConfig strategy)
    {
        const string Path = "outgoingAuth.default";
        GatewayConfig trial = new() { OutgoingAuth = new OutgoingAuthConfig { Default = strategy } };
        string[] wrong =
        [
            .. ConfigValidator.Validate(trial, name => name)
                .Where(p => p.Severity == Severity.Error && p.Path.StartsWith(Path, StringComparison.Ordinal))
                .Select(p => (p with { Path = "spec" + p.Path[Path.Length..] }).ToString()),
        ];
        return wrong.Length == 0 ? null : Invalid(config, string.Join("; ", wrong));
    }

    private static MemberProblem NoBlock(MCPExternalAuthConfig config, string block) =>
        Invalid(config, $"spec.{block} is missing, which type {config.Spec.Type} needs");

    private static string Of(MCPExternalAuthConfig config) => $"{config.Kind} \"{config.Metadata.Name}\"";

    private static string? Urn(string? type) =>
        string.IsNullOrEmpty(type) ? null : TokenTypes.Whole(type);

    private static string? Null(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private sealed class Variables
    {
        private readonly List<AuthVariable> _all = [];

        public string? Problem { get; private set; }

        public string? Add(string variable, SecretKeyRef? secret, string path)
        {
            if (secret is null)
                return null;
            if (secret.Name.Length == 0 || secret.Key.Length == 0)
                Problem ??= $"{path}.{(secret.Name.Length == 0 ? "name" : "key")} is missing";
            else
                _all.Add(new AuthVariable(variable) { Secret = secret.Name, Key = secret.Key });
            return variable;
        }

        public string Compose(string variable, string text)
        {
            _all.Add(new AuthVariable(variable) { Text = text });
            return variable;
        }

        public ImmutableArray<AuthVariable> Sorted() => [.. _all.OrderBy(v => v.Name, StringComparer.Ordinal)];
    }
}

/// <summary>What came of a conversion.</summary>
internal sealed record ConvertedStrategy(StrategyConfig? Strategy, ImmutableArray<AuthVariable> Variables, MemberProblem? Problem)
{
    /// <summary>What the config says and nobody follows, as a sentence; null when there is nothing.</summary>
    public string? Unused { get; init; }
}
