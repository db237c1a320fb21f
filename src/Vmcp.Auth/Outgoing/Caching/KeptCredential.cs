using Vmcp.Core.Backends;
using Vmcp.Core.Identity;

namespace Vmcp.Auth.Outgoing.Caching;

/// <summary>A credential as it is kept and used. Immutable.</summary>
/// <typeparam name="T">What a credential is made of.</typeparam>
internal sealed class KeptCredential<T> : IIssuedCredential
{
    /// <summary>The credential.</summary>
    public required T Value { get; init; }

    /// <summary>Whom it was issued for; null for the gateway itself.</summary>
    public required Principal? Owner { get; init; }

    /// <summary>The entry it is kept in.</summary>
    public required CredentialSlot<T> Slot { get; init; }

    /// <summary>When it came, by the clock that is never set.</summary>
    public required long At { get; init; }

    /// <summary>How long it is used.</summary>
    public required TimeSpan Lifetime { get; init; }

    /// <summary>When it is no longer used by the clock on the wall. Both clocks count: one that is set must not lengthen a life.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>The age at which somebody who uses it has it renewed; null when a new one would last no longer.</summary>
    public required TimeSpan? RenewAt { get; init; }

    /// <summary>Whether it may still be used.</summary>
    public bool IsUsable(TimeProvider time) => time.GetElapsedTime(At) < Lifetime && time.GetUtcNow() < Until;

    /// <summary>Whether it should be renewed.</summary>
    public bool IsAging(TimeProvider time) => RenewAt is { } age && time.GetElapsedTime(At) >= age;

    /// <inheritdoc />
    public bool Refused() => Slot.GiveUp(this);

    /// <summary>Nothing of the credential.</summary>
    public override string ToString() => nameof(KeptCredential<T>);
}
