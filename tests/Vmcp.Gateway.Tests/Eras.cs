using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests;

/// <summary>The revisions clients speak and the kinds of backends, as theory data.</summary>
public static class Eras
{
    public const string Modern = ModernWire.Revision;
    public const string Latest = "2025-11-25";

    public static readonly string[] LegacyFronts = ["2025-03-26", "2025-06-18", Latest];

    public static readonly string[] AllFronts = [.. LegacyFronts, Modern];

    public static readonly string[] AllBacks = ["legacy", "legacy-sse", "modern", "http-sse"];

    /// <summary>Every revision of a client.</summary>
    public static TheoryData<string> Fronts => new(AllFronts);

    /// <summary>The newest revision of each era.</summary>
    public static TheoryData<string> BothFronts => new([Latest, Modern]);

    /// <summary>Every Legacy revision of a client.</summary>
    public static TheoryData<string> LegacyRevisions => new(LegacyFronts);

    /// <summary>Every kind of backend.</summary>
    public static TheoryData<string> Backs => new(AllBacks);

    /// <summary>Every revision of a client with every kind of backend.</summary>
    public static MatrixTheoryData<string, string> Pairs => new(AllFronts, AllBacks);

    /// <summary>The newest revision of each era with every kind of backend.</summary>
    public static MatrixTheoryData<string, string> Quadrants => new([Latest, Modern], AllBacks);

    /// <summary>Makes a script one of a kind.</summary>
    public static void Apply(BackendScript script, string back)
    {
        script.Era = back switch
        {
            "modern" => BackendEra.Modern,
            "http-sse" => BackendEra.HttpSse,
            _ => BackendEra.Legacy,
        };
        script.Answers = back == "legacy-sse" ? AnswerAs.Sse : AnswerAs.Json;
    }

    /// <summary>The revision <c>/status</c> shows for a kind.</summary>
    public static string RevisionOf(string back) => back switch
    {
        "modern" => Modern,
        "http-sse" => "2024-11-05",
        _ => Latest,
    };
}
