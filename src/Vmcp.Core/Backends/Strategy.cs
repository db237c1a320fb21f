namespace Vmcp.Core.Backends;

/// <summary>How we authenticate to a backend. Each kind is a record of its own; the auth room knows how to apply it.</summary>
public abstract record Strategy
{
    /// <summary>No credentials at all.</summary>
    public static Strategy None { get; } = new UnauthenticatedStrategy();

    /// <summary>The word shown as <c>auth_type</c> in <c>/status</c>, for example <c>header_injection</c>.</summary>
    public abstract string Type { get; }

    /// <summary>
    /// Whether a credential is configured. A 401 from a backend with one means "alive, wants this user's token";
    /// without one it means "misconfigured".
    /// </summary>
    public virtual bool HasCredential => true;
}

/// <summary>The backend is called without credentials.</summary>
public sealed record UnauthenticatedStrategy : Strategy
{
    /// <inheritdoc />
    public override string Type => "unauthenticated";

    /// <inheritdoc />
    public override bool HasCredential => false;
}

/// <summary>One fixed header is set on each request to the backend.</summary>
/// <param name="HeaderName">A valid HTTP field name that is not reserved.</param>
/// <param name="Value">The value; never printed.</param>
public sealed record HeaderInjectionStrategy(string HeaderName, Secret Value) : Strategy
{
    /// <inheritdoc />
    public override string Type => "header_injection";
}

/// <summary>A string that must not be printed: <see cref="ToString"/> hides it, equality still works.</summary>
/// <param name="value">The secret text.</param>
public sealed class Secret(string value) : IEquatable<Secret>
{
    /// <summary>The text itself, for the one place that puts it on the wire.</summary>
    public string Reveal() => value;

    /// <inheritdoc />
    public bool Equals(Secret? other) => other is not null && other.Reveal() == value;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <inheritdoc />
    public override int GetHashCode() => value.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc />
    public override string ToString() => "***";
}
