namespace Vmcp.Cli.Terminals;

/// <summary>Where a command writes and what it knows of its surroundings; tests hand in their own.</summary>
internal sealed record Terminal
{
    /// <summary>Results go here.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Errors, warnings and hints go here.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Standard input; empty unless handed in.</summary>
    public TextReader In { get; init; } = TextReader.Null;

    /// <summary>Looks up an environment variable; null when it is not set.</summary>
    public required Func<string, string?> Env { get; init; }

    /// <summary>Whether <see cref="Out"/> is a screen that may show colours; never with <c>NO_COLOR</c> (no-color.org).</summary>
    public bool OutHasColours { get; init; }

    /// <summary>The same for <see cref="Error"/>.</summary>
    public bool ErrorHasColours { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The terminal this process was started on.</summary>
    public static Terminal OfProcess()
    {
        bool colours = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb";
        return new Terminal
        {
            Out = Console.Out,
            Error = Console.Error,
            In = Console.In,
            Env = Environment.GetEnvironmentVariable,
            OutHasColours = colours && !Console.IsOutputRedirected,
            ErrorHasColours = colours && !Console.IsErrorRedirected,
        };
    }

    /// <summary>Writes what went wrong, one line per problem, and gives the exit code for it.</summary>
    public int Fail(params IEnumerable<string> problems)
    {
        foreach (string problem in problems)
            Error.WriteLine("vmcp: " + problem);
        return 1;
    }
}
