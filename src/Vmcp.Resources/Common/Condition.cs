using Vmcp.Resources.Schema;

namespace Vmcp.Resources;

/// <summary>One aspect of the state of an object (Kubernetes API conventions, Conditions).</summary>
public sealed record Condition
{
    /// <summary>The aspect, in CamelCase.</summary>
    [Required, Bounds(MaxLength = 316, Pattern = @"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$")]
    public string Type { get; init => field = value ?? field; } = "";

    /// <summary>Whether it holds: True, False or Unknown.</summary>
    [Required, OneOf("True", "False", "Unknown")]
    public string Status { get; init => field = value ?? field; } = "";

    /// <summary>The generation of the spec this was said about.</summary>
    [Bounds(Min = 0)]
    public long? ObservedGeneration { get; init; }

    /// <summary>When the status changed last.</summary>
    [Required]
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>Why, in one CamelCase word.</summary>
    [Required, Bounds(MinLength = 1, MaxLength = 1024, Pattern = "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")]
    public string Reason { get; init => field = value ?? field; } = "";

    /// <summary>Details for a person; may be empty.</summary>
    [Required, Bounds(MaxLength = 32768)]
    public string Message { get; init => field = value ?? field; } = "";
}
