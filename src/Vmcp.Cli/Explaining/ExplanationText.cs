using Spectre.Console;

using Vmcp.Cli.Terminals;

namespace Vmcp.Cli.Explaining;

/// <summary>Writes an explanation for a tired person: the answer first, then the chain.</summary>
internal static class ExplanationText
{
    /// <summary>Writes it.</summary>
    public static void Write(Explanation explanation, Terminal terminal)
    {
        Screen screen = new(terminal);
        if (explanation.Chains.Count == 0)
            screen.Line($"\"{explanation.Asked}\": no backend is known to have such a tool", Color.Red);
        for (int i = 0; i < explanation.Chains.Count; i++)
        {
            if (i > 0)
                screen.Line("");
            Write(explanation.Chains[i], screen);
        }

        if (explanation.Suggestions.Count > 0)
            screen.Line($"did you mean: {string.Join(", ", explanation.Suggestions)}");
        foreach (string note in explanation.Notes)
            screen.Line($"note: {note}");
    }

    /// <summary>The answer in one line.</summary>
    public static string Headline(Chain chain) => chain switch
    {
        { IsVisible: true } => $"VISIBLE as {chain.ExposedName}: {chain.Kind} \"{chain.Name}\" of backend \"{chain.Backend}\"",
        { IsBroken: true } => $"NOT VISIBLE: {chain.Kind} \"{chain.Name}\" of backend \"{chain.Backend}\" ({chain.End!.Name}: {chain.End.Text})",
        _ => $"NOT KNOWN: {chain.Kind} \"{chain.Name}\" of backend \"{chain.Backend}\"",
    };

    private static void Write(Chain chain, Screen screen)
    {
        screen.Line(Headline(chain), chain.IsVisible ? Color.Green : chain.IsBroken ? Color.Red : Color.Yellow);
        foreach (Step step in chain.Steps)
        {
            (string word, Color? colour) = step.State switch
            {
                StepState.Ok => ("ok", (Color?)null),
                StepState.Failed => ("NO", Color.Red),
                _ => ("?", Color.Yellow),
            };
            screen.Line($"  {step.Name,-9} {word,-3} {step.Text}", colour);
        }
    }
}
