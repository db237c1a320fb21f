using System.Text.Json;

namespace Vmcp.Cli.Status;

/// <summary>What a gateway says of itself, read from <c>/status</c>. Missing members are left empty: the other side may be older or newer.</summary>
internal sealed record GatewayPicture
{
    public required string Name { get; init; }

    public required string Version { get; init; }

    public required string Group { get; init; }

    public required string Mode { get; init; }

    public bool Ready { get; init; }

    public long Sessions { get; init; }

    public required IReadOnlyList<BackendLine> Backends { get; init; }

    public required IReadOnlyList<ConflictLine> Conflicts { get; init; }

    public long ConflictsTotal { get; init; }

    public long CatalogVersion { get; init; }

    public required Counts Listed { get; init; }

    public long ConfigGeneration { get; init; }

    public DateTimeOffset? ConfigLoadedAt { get; init; }

    public string? ReloadError { get; init; }

    public DateTimeOffset? ReloadErrorAt { get; init; }

    /// <summary>Who may come in; null of a gateway that does not say.</summary>
    public IncomingLine? Incoming { get; init; }

    /// <summary>Ready, and one backend at least can be called; a gateway without backends needs none.</summary>
    public bool IsWell => Ready && (Backends.Count == 0 || Backends.Any(b => b.Health is "healthy" or "degraded"));

    /// <summary>Reads the body of <c>/status</c>; null when it is none of ours.</summary>
    public static GatewayPicture? Read(JsonElement status)
    {
        if (status.ValueKind != JsonValueKind.Object || !status.TryGetProperty("backends", out JsonElement backends) || backends.ValueKind != JsonValueKind.Array)
            return null;
        JsonElement catalog = Json.Member(status, "catalog");
        JsonElement config = Json.Member(status, "config");
        return new GatewayPicture
        {
            Name = Json.Text(status, "name") ?? "",
            Version = Json.Text(status, "version") ?? "",
            Group = Json.Text(status, "group_ref") ?? "",
            Mode = Json.Text(status, "mode") ?? "",
            Ready = Json.Flag(status, "ready") ?? true,
            Sessions = Json.Number(status, "sessions"),
            Backends = [.. backends.EnumerateArray().Select(BackendLine.Read)],
            Conflicts = [.. Json.Items(catalog, "conflicts").Select(ConflictLine.Read)],
            ConflictsTotal = Json.Number(catalog, "conflicts_total"),
            CatalogVersion = Json.Number(catalog, "version"),
            Listed = Counts.Read(catalog),
            ConfigGeneration = Json.Number(config, "generation"),
            ConfigLoadedAt = Json.Time(config, "loaded_at"),
            ReloadError = Json.Text(config, "last_reload_error"),
            ReloadErrorAt = Json.Time(config, "last_reload_error_at"),
            Incoming = IncomingLine.Read(Json.Member(status, "incoming_auth")),
        };
    }
}

/// <summary>Who may come in: the kind of proof, whether the provider's keys are there, what is wrong with it.</summary>
internal sealed record IncomingLine(string Type, string? Keys, DateTimeOffset? ConfirmedAt, string? Trouble)
{
    public static IncomingLine? Read(JsonElement incoming) => Json.Text(incoming, "type") is { } type
        ? new IncomingLine(type, Json.Text(incoming, "keys"), Json.Time(incoming, "keys_confirmed_at"), Json.Text(incoming, "trouble"))
        : null;
}

/// <summary>One backend.</summary>
internal sealed record BackendLine(
    string Name, string Health, string Breaker, string? Revision, string Auth, Counts Offers, DateTimeOffset? LastCheck, long Failures, string? Trouble)
{
    /// <summary>What it offers depends on the user.</summary>
    public bool PerUser { get; init; }

    /// <summary>A count as a cell of a table; a dash where only its users know.</summary>
    public string Offer(long count) => PerUser && Revision is null ? "-" : count.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static BackendLine Read(JsonElement backend) => new(
        Json.Text(backend, "name") ?? "",
        Json.Text(backend, "health") ?? "unknown",
        Json.Text(Json.Member(backend, "breaker"), "state") ?? "",
        Json.Text(backend, "mcp_revision"),
        Json.Text(backend, "auth_type") ?? "",
        Counts.Read(backend),
        Json.Time(backend, "last_check"),
        Json.Number(backend, "consecutive_failures"),
        Json.Text(backend, "last_error_category") is { Length: > 0 } trouble ? trouble.Replace('_', ' ') : null)
    {
        PerUser = Json.Flag(backend, "per_user") ?? false,
    };
}

/// <summary>One contested name.</summary>
internal sealed record ConflictLine(string Kind, string Name, string? Winner, IReadOnlyList<string> Losers, string Reason)
{
    public static ConflictLine Read(JsonElement conflict) => new(
        Json.Text(conflict, "kind") ?? "",
        Json.Text(conflict, "name") ?? "",
        Json.Text(conflict, "winner"),
        [.. Json.Items(conflict, "losers").Where(l => l.ValueKind == JsonValueKind.String).Select(l => l.GetString()!)],
        Json.Text(conflict, "reason") ?? "");
}

/// <summary>How many of each kind.</summary>
internal sealed record Counts(long Tools, long Resources, long Templates, long Prompts)
{
    public static Counts Read(JsonElement element) => new(
        Json.Number(element, "tools"),
        Json.Number(element, "resources"),
        Json.Number(element, "resource_templates"),
        Json.Number(element, "prompts"));
}
