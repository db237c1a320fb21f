namespace Vmcp.Core.Status;

/// <summary>Who may come in, and whether that can be judged now.</summary>
public sealed record IncomingReport
{
    /// <summary>The kind of proof: <c>anonymous</c>, <c>local</c>, <c>oidc</c>.</summary>
    public string Type { get; init; } = "anonymous";

    /// <summary>Whether the provider's keys are there; null where none are needed.</summary>
    public KeysState? Keys { get; init; }

    /// <summary>When the provider confirmed them last; null when that never happened.</summary>
    public DateTimeOffset? KeysConfirmedAt { get; init; }

    /// <summary>What is wrong with the provider now; null for nothing. Holds no URL, path or foreign text.</summary>
    public string? Trouble { get; init; }
}

/// <summary>How it is with the keys of a provider.</summary>
public enum KeysState
{
    /// <summary>There are none, so that nobody can be judged by a signature; <c>none</c>.</summary>
    None,

    /// <summary>There are some, and the provider confirmed them when it was asked last; <c>current</c>.</summary>
    Current,

    /// <summary>There are some, and the provider does not answer; <c>stale</c>.</summary>
    Stale,
}
