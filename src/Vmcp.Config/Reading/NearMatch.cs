namespace Vmcp.Config.Reading;

/// <summary>Finds the word somebody probably meant.</summary>
internal static class NearMatch
{
    /// <summary>The known word with the fewest edits, or null when none is near (a third of the letters, at least two).</summary>
    public static string? Find(string word, IEnumerable<string> known)
    {
        if (word.Length > 64)
            return null;
        string? best = null;
        int bestDistance = int.MaxValue;
        foreach (string candidate in known)
        {
            int distance = Distance(word.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance < bestDistance)
                (best, bestDistance) = (candidate, distance);
        }

        return best is not null && bestDistance <= Math.Max(Math.Min(2, word.Length - 1), word.Length / 3) ? best : null;
    }

    /// <summary><c>did you mean "x"?</c>, or the list of known words.</summary>
    public static string Remedy(string word, IReadOnlyCollection<string> known, string noun)
    {
        string? near = Find(word, known);
        return near is not null ? $"did you mean \"{near}\"?" : $"{noun}: {string.Join(", ", known)}";
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
