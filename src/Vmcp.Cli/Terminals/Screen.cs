using Spectre.Console;
using Spectre.Console.Rendering;

namespace Vmcp.Cli.Terminals;

/// <summary>Lines and tables on a terminal, in colour where that is wanted.</summary>
internal sealed class Screen
{
    private const int Width = 1000;
    private readonly IAnsiConsole _console;

    public Screen(Terminal terminal)
    {
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = terminal.OutHasColours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = terminal.OutHasColours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(terminal.Out),
        });
        // A screen breaks long lines better than a table breaks its cells, and a script wants one line per backend.
        _console.Profile.Width = Width;
    }

    /// <summary>One line. Text, never markup: names come from outside, and "[red]" is a fine name.</summary>
    public void Line(string text, Color? colour = null)
    {
        if (text.Length > 0)
            _console.Write(new Text(text, new Style(colour)) as IRenderable);
        _console.WriteLine();
    }

    /// <summary>A table without borders.</summary>
    public void Table(Table table) => _console.Write(table);
}
