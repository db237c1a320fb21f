using System.Buffers;

namespace Vmcp.Core.Catalogs;

/// <summary>What one instruction of a <see cref="TemplateProgram"/> does.</summary>
internal enum TemplateOp
{
    /// <summary>Takes the character <see cref="TemplateStep.Value"/>.</summary>
    Character,

    /// <summary>Takes one character that is not in <see cref="TemplateStep.Except"/>.</summary>
    Except,

    /// <summary>Takes one hexadecimal digit.</summary>
    Hex,

    /// <summary>Goes on at <see cref="TemplateStep.Next"/> and at <see cref="TemplateStep.Other"/>.</summary>
    Split,

    /// <summary>The template ends here.</summary>
    End,
}

internal readonly record struct TemplateStep(TemplateOp Op, char Value = '\0', string Except = "", int Next = 0, int Other = 0);

/// <summary>
/// A small nondeterministic automaton run in lockstep over the URI: work is at most steps × characters, whatever the template, where a
/// backtracking matcher could be made to run for hours by a hostile backend.
/// </summary>
internal sealed class TemplateProgram(TemplateStep[] steps)
{
    /// <summary>Characters that stand for themselves in templates and URIs alike.</summary>
    public static readonly SearchValues<char> PlainCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=");

    public bool IsMatch(string uri, ref long budget)
    {
        // Setting up costs too: a thousand large templates must not be free.
        budget -= steps.Length;
        if (budget < 0)
            return false;
        int[] current = new int[steps.Length], next = new int[steps.Length], pending = new int[(2 * steps.Length) + 1];
        int[] seenAt = new int[steps.Length];
        int count = Follow(0, 1, current, 0, seenAt, pending);
        for (int at = 0; at < uri.Length && count > 0; at++)
        {
            budget -= count;
            if (budget < 0)
                return false;
            int nextCount = 0;
            for (int i = 0; i < count; i++)
            {
                if (Takes(steps[current[i]], uri[at]))
                    nextCount = Follow(current[i] + 1, at + 2, next, nextCount, seenAt, pending);
            }

            (current, next) = (next, current);
            count = nextCount;
        }

        return current.AsSpan(0, count).Contains(steps.Length - 1);
    }

    /// <summary>Adds the steps reachable from <paramref name="start"/> without taking a character, each once per position.</summary>
    private int Follow(int start, int mark, int[] list, int count, int[] seenAt, int[] pending)
    {
        int top = 0;
        pending[top++] = start;
        while (top > 0)
        {
            int index = pending[--top];
            if (seenAt[index] == mark)
                continue;
            seenAt[index] = mark;
            TemplateStep step = steps[index];
            if (step.Op == TemplateOp.Split)
            {
                pending[top++] = step.Next;
                pending[top++] = step.Other;
            }
            else
            {
                list[count++] = index;
            }
        }

        return count;
    }

    private static bool Takes(TemplateStep step, char c) => step.Op switch
    {
        TemplateOp.Character => c == step.Value,
        TemplateOp.Except => !step.Except.Contains(c),
        TemplateOp.Hex => char.IsAsciiHexDigit(c),
        _ => false,
    };
}
