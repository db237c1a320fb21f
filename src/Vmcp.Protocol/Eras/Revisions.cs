namespace Vmcp.Protocol.Eras;

/// <summary>The protocol revisions. They compare as strings.</summary>
public static class Revisions
{
    /// <summary>The HTTP+SSE revision.</summary>
    public const string V2024November = "2024-11-05";

    /// <summary>The first Streamable HTTP revision.</summary>
    public const string V2025March = "2025-03-26";

    /// <summary>Adds the version header, removes batches.</summary>
    public const string V2025June = "2025-06-18";

    /// <summary>The newest revision with a handshake.</summary>
    public const string V2025November = "2025-11-25";

    /// <summary>The first revision without a handshake.</summary>
    public const string V2026July = "2026-07-28";

    /// <summary>Newest Legacy revision we offer.</summary>
    public const string LatestLegacy = V2025November;

    /// <summary>The Modern revision we speak.</summary>
    public const string Modern = V2026July;

    /// <summary>Whether a client may negotiate this revision with us by <c>initialize</c>.</summary>
    public static bool IsLegacy(string revision) => revision is V2024November or V2025March or V2025June or V2025November;

    /// <summary>Whether the revision (known or not) is of the Modern era.</summary>
    public static bool IsModernOrLater(string revision) => string.CompareOrdinal(revision, V2026July) >= 0;

    /// <summary>The revision we answer <c>initialize</c> with: the proposed one if we know it, else our newest Legacy one.</summary>
    public static string Negotiate(string proposed) => IsLegacy(proposed) ? proposed : LatestLegacy;
}

/// <summary>The two protocol eras.</summary>
public enum Era
{
    /// <summary>Revisions with <c>initialize</c> (2024-11-05 … 2025-11-25).</summary>
    Legacy,

    /// <summary>Revisions with per-request metadata (2026-07-28 and later).</summary>
    Modern,
}
