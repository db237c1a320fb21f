using System.Collections.Immutable;
using Vmcp.Config.Model;
using Vmcp.Config.Validation;

namespace Vmcp.Resources.Backends;

/// <summary>Which setting decides as whom a backend is called, strongest first (design 5.6).</summary>
public enum AuthSource
{
    /// <summary><c>spec.outgoingAuth.backends</c>.</summary>
    Explicit,

    /// <summary>The workload's own <c>externalAuthConfigRef</c>.</summary>
    Workload,

    /// <summary><c>spec.outgoingAuth.default</c>.</summary>
    Default,

    /// <summary>Nothing: no credentials.</summary>
    None,
}

/// <summary>As whom one backend is called, or why that cannot be said.</summary>
public sealed record ResolvedAuth
{
    /// <summary>No credentials, because nothing asks for any.</summary>
    public static ResolvedAuth None { get; } = new() { Source = AuthSource.None };

    /// <summary>The setting that won.</summary>
    public required AuthSource Source { get; init; }

    /// <summary>The MCPExternalAuthConfig in use, or null.</summary>
    public string? ConfigRef { get; init; }

    /// <summary>The strategy, secrets named by environment variable; null for no credentials and when there is a problem.</summary>
    public StrategyConfig? Strategy { get; init; }

    /// <summary>The variables the strategy needs, sorted by name; known even when a Secret is missing.</summary>
    public ImmutableArray<AuthVariable> Variables { get; init; } = [];

    /// <summary>Why the backend must not be served, or null. There is no second choice: another identity would be the wrong one.</summary>
    public MemberProblem? Problem { get; init; }

    /// <summary>What its config says and no gateway follows, as a sentence; null when there is nothing.</summary>
    public string? Unused { get; init; }

    /// <summary>Whether the credential is made from the caller's own token, so that a caller without one cannot be served.</summary>
    public bool IsPerUser => Strategy?.Type is StrategyType.TokenExchange or StrategyType.Xaa or StrategyType.AwsSts or StrategyType.UpstreamInject or StrategyType.Obo;

    /// <summary>The Secrets the strategy takes from, sorted.</summary>
    public IEnumerable<string> Secrets => Variables.Select(v => v.Secret).OfType<string>().Distinct().Order(StringComparer.Ordinal);

    /// <summary>The source as status spells it.</summary>
    public string SourceWord => Source switch
    {
        AuthSource.Explicit => "explicit",
        AuthSource.Workload => "workload",
        AuthSource.Default => "default",
        _ => "none",
    };

    /// <summary>The strategy's type as status spells it, or null.</summary>
    public string? TypeWord => Strategy?.Type is { } type ? StrategyWords.Of(type) : null;
}

/// <summary>An environment variable of a strategy: a key of a Secret, or a text composed of other variables.</summary>
/// <param name="Name">The variable.</param>
public sealed record AuthVariable(string Name)
{
    /// <summary>The Secret with the value, or null for a composed one.</summary>
    public string? Secret { get; init; }

    /// <summary>The key in the Secret.</summary>
    public string? Key { get; init; }

    /// <summary>The text of a composed one; <c>$(OTHER)</c> stands for a variable listed before it.</summary>
    public string? Text { get; init; }
}

/// <summary>Names of the variables of strategies, made of the name of the MCPExternalAuthConfig (operator 4.2).</summary>
public static class AuthVariables
{
    /// <summary>A client secret of token exchange.</summary>
    public static string TokenExchangeSecret(string config) => "TOOLHIVE_TOKEN_EXCHANGE_CLIENT_SECRET_" + Part(config);

    /// <summary>The value of an injected header.</summary>
    public static string HeaderValue(string config) => "TOOLHIVE_HEADER_INJECTION_VALUE_" + Part(config);

    /// <summary>A bearer token without the word before it.</summary>
    public static string BearerToken(string config) => "TOOLHIVE_BEARER_TOKEN_" + Part(config);

    /// <summary>Our secret at the identity provider of cross-application access.</summary>
    public static string XaaIdpSecret(string config) => "TOOLHIVE_XAA_IDP_CLIENT_SECRET_" + Part(config);

    /// <summary>Our secret at the target of cross-application access.</summary>
    public static string XaaTargetSecret(string config) => "TOOLHIVE_XAA_TARGET_CLIENT_SECRET_" + Part(config);

    private static string Part(string config) => Config.Backends.VariableNames.Part(config);
}
