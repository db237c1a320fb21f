using Microsoft.Extensions.Logging;

namespace Vmcp.Auth.Incoming;

/// <summary>What incoming authentication logs: changes of state only, nothing of tokens or of a provider's own words.</summary>
internal static partial class IncomingLog
{
    [LoggerMessage(7001, LogLevel.Information, "Keys of the identity provider in force: {Count}")]
    public static partial void KeysTaken(this ILogger logger, int count);

    [LoggerMessage(7002, LogLevel.Information, "The identity provider confirmed its keys again")]
    public static partial void KeysConfirmed(this ILogger logger);

    [LoggerMessage(7003, LogLevel.Warning, "No new keys: {Trouble} It is asked again; keys that were good count for 24 h, and without any clients get 503")]
    public static partial void KeysAway(this ILogger logger, string trouble);

    [LoggerMessage(7004, LogLevel.Error, "Reading the keys of the identity provider broke: {Type}\n{Stack}")]
    public static partial void KeyFetchBroke(this ILogger logger, string? type, string? stack);

    [LoggerMessage(7005, LogLevel.Warning, "Opaque tokens cannot be judged: {Trouble} Their clients get 503")]
    public static partial void IntrospectionAway(this ILogger logger, string trouble);

    [LoggerMessage(7006, LogLevel.Information, "Opaque tokens can be judged again")]
    public static partial void IntrospectionBack(this ILogger logger);
}
