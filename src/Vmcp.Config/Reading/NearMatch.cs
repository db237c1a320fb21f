namespace Vmcp.Config.Reading;

/// <summary>Finds the word somebody probably meant.</summary>
public static class NearMatch
{
    // Advice must stay cheap, whatever the file holds.
    private const int MaxLength = 64;
    private const int MaxCandidates = 500;
    private const int MaxListed = 20;

    /// <summary>The known word with the fewest edits, or null when none is near (a third of the letters, at least two).</summary>
    public static string? Find(string word, IEnumerable<string> known)
    {
        if (word.Length > MaxLength)
            return null;
        int limit = Math.Max(Math.Min(2, word.Length - 1), word.Length / 3);
        string? best = null;
        foreach (string candidate in known.Take(MaxCandidates))
        {
            if (Math.Abs(candidate.Length - word.Length) > limit)
                continue;
            int distance = Distance(word.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance <= limit)
                (best, limit) = (candidate, distance - 1);
        }

        return best;
    }

    /// <summary><c>did you mean "x"?</c>, or the list of known words.</summary>
    public static string Remedy(string word, IReadOnlyCollection<string> known, string noun)
    {
        string? near = Find(word, known);
        if (near is not null)
            return $"did you mean \"{near}\"?";
        string more = known.Count > MaxListed ? ", ..." : "";
        return $"{noun}: {string.Join(", ", known.Take(MaxListed))}{more}";
    }

    // Edit distance in which swapping two neighbours counts once: the most frequent slip of all.
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            cost[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            cost[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replace, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }

        return cost[a.Length, b.Length];
    }
}
