namespace Vmcp.Operator.Planning.Document;

/// <summary>Puts problems into one message that the API server accepts (a condition's message has at most 32768 characters).</summary>
internal static class Telling
{
    private const int MaxProblems = 20;
    private const int MaxLength = 8192;

    /// <summary>The first problems, and how many there are more.</summary>
    public static string Join(IEnumerable<string> problems)
    {
        string[] all = [.. problems];
        string text = string.Join("; ", all.Take(MaxProblems));
        if (all.Length > MaxProblems)
            text += $"; and {all.Length - MaxProblems} more";
        return text.Length <= MaxLength ? text : text[..MaxLength] + " …";
    }
}
