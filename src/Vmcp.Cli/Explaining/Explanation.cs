namespace Vmcp.Cli.Explaining;

/// <summary>How a step of a chain came out.</summary>
internal enum StepState
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Here it ends, or would.</summary>
    Failed,

    /// <summary>Not to be told from here.</summary>
    Unknown,
}

/// <summary>One step between a backend's tool and the clients.</summary>
/// <param name="Name">One word.</param>
/// <param name="State">How it came out.</param>
/// <param name="Text">What is known.</param>
internal sealed record Step(string Name, StepState State, string Text);

/// <summary>The chain of one item.</summary>
/// <param name="Kind"><c>tool</c>, <c>prompt</c>, <c>resource</c> or <c>template</c>.</param>
/// <param name="Backend">The backend.</param>
/// <param name="Name">The backend's own name for it.</param>
/// <param name="Steps">The steps in order.</param>
internal sealed record Chain(string Kind, string Backend, string Name, IReadOnlyList<Step> Steps)
{
    /// <summary>The name clients see, or would see.</summary>
    public string? ExposedName { get; init; }

    /// <summary>Every step is passed.</summary>
    public bool IsVisible => Steps.All(s => s.State == StepState.Ok);

    /// <summary>Not visible for sure, rather than for all we know.</summary>
    public bool IsBroken => Steps.Any(s => s.State == StepState.Failed);

    /// <summary>Where it ends: the first failed step, else the first unknown one; null when it is visible.</summary>
    public Step? End => Steps.FirstOrDefault(s => s.State == StepState.Failed) ?? Steps.FirstOrDefault(s => s.State == StepState.Unknown);
}

/// <summary>The answer to "why do I (not) see this tool?".</summary>
internal sealed record Explanation
{
    /// <summary>What was asked.</summary>
    public required string Asked { get; init; }

    /// <summary>What it can mean; the visible one first.</summary>
    public IReadOnlyList<Chain> Chains { get; init; } = [];

    /// <summary>Names that were perhaps meant.</summary>
    public IReadOnlyList<string> Suggestions { get; init; } = [];

    /// <summary>What else a person has to know, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>0: visible; 1: not visible; 2: nobody knows such a tool, or it cannot be told from here.</summary>
    public int ExitCode => Chains.Any(c => c.IsVisible) ? 0 : Chains.Any(c => c.IsBroken) ? 1 : 2;
}
