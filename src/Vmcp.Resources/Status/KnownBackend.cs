namespace Vmcp.Resources.Status;

/// <summary>What is known of one backend before anyone called it.</summary>
/// <param name="Name">Its name, <c>Kind/name</c> when the name belongs to another backend.</param>
/// <param name="Served">Whether the gateway serves it.</param>
public sealed record KnownBackend(string Name, bool Served)
{
    /// <summary>Where it is, or null.</summary>
    public string? Url { get; init; }

    /// <summary>The MCPExternalAuthConfig in use, or null.</summary>
    public string? AuthConfigRef { get; init; }

    /// <summary>The strategy's type, snake_case, or null.</summary>
    public string? AuthType { get; init; }

    /// <summary>Which setting won: <c>explicit</c>, <c>workload</c>, <c>default</c> or <c>none</c>.</summary>
    public string? AuthSource { get; init; }
}
