namespace Vmcp.Core.Backends;

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
