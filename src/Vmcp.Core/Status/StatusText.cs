using System.Text;

namespace Vmcp.Core.Status;

/// <summary>Makes texts from elsewhere fit for endpoints that anyone may read.</summary>
public static class StatusText
{
    /// <summary>Characters a text has at most.</summary>
    public const int MaxLength = 500;

    /// <summary>
    /// Keeps of everything that looks like a URI only its scheme (<c>https://…</c>), turns control characters into blanks and cuts the text
    /// at <see cref="MaxLength"/>.
    /// </summary>
    public static string Sanitise(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder clean = new();
        int at = 0;
        while (at < text.Length && clean.Length < MaxLength)
        {
            int mark = text.IndexOf("://", at, StringComparison.Ordinal);
            int end = mark < 0 ? text.Length : mark;
            Append(clean, text.AsSpan(at, end - at));
            if (mark < 0)
                break;
            clean.Append("://…");
            at = mark + 3;
            while (at < text.Length && !EndsUri(text[at]))
                at++;
        }

        if (clean.Length <= MaxLength)
            return clean.ToString();
        int cut = char.IsHighSurrogate(clean[MaxLength - 2]) ? MaxLength - 2 : MaxLength - 1;
        return clean.ToString(0, cut) + "…";
    }

    private static void Append(StringBuilder clean, ReadOnlySpan<char> text)
    {
        // Halves of surrogate pairs come out as U+FFFD: a JSON writer refuses them.
        foreach (Rune rune in text[..Math.Min(text.Length, MaxLength + 1)].EnumerateRunes())
            clean.Append(Rune.IsControl(rune) ? " " : rune.ToString());
    }

    private static bool EndsUri(char c) => char.IsWhiteSpace(c) || char.IsControl(c) || c is '"' or '\'' or '<' or '>' or '`';
}
