using System.Collections.Immutable;

namespace Vmcp.Config.Reading;

/// <summary>A YAML value with its line. Aliases point to the very node of their anchor.</summary>
internal abstract record Node(int Line)
{
    /// <summary>Nodes in it, itself included, with aliases counted in full.</summary>
    public abstract long Size { get; }

    /// <summary>Levels of nesting, 1 for a scalar.</summary>
    public abstract int Height { get; }

    /// <summary>What it is, for messages.</summary>
    public abstract string Kind { get; }
}

internal enum ScalarKind
{
    Text,
    Null,
    Boolean,
    Integer,
    Float,
}

/// <summary>A scalar: its text and what YAML 1.2's core schema makes of it.</summary>
internal sealed record ScalarNode(int Line, string Text, ScalarKind Type) : Node(Line)
{
    public override long Size => 1;

    public override int Height => 1;

    public override string Kind => Type switch
    {
        ScalarKind.Null => "nothing",
        ScalarKind.Boolean => $"the boolean {Text}",
        ScalarKind.Integer or ScalarKind.Float => $"the number {Shown}",
        _ => $"the text \"{Shown}\"",
    };

    /// <summary>The text, short enough for a message and on one line.</summary>
    public string Shown
    {
        get
        {
            string line = string.Concat(Text.Select(c => char.IsControl(c) ? ' ' : c));
            return line.Length <= 60 ? line : line[..57] + "...";
        }
    }
}

internal sealed record ListNode(int Line, ImmutableArray<Node> Items) : Node(Line)
{
    public override long Size { get; } = 1 + Items.Sum(i => i.Size);

    public override int Height { get; } = 1 + (Items.IsEmpty ? 0 : Items.Max(i => i.Height));

    public override string Kind => "a list";
}

internal sealed record MapNode(int Line, ImmutableArray<MapEntry> Entries) : Node(Line)
{
    public override long Size { get; } = 1 + Entries.Sum(e => 1 + e.Value.Size);

    public override int Height { get; } = 1 + (Entries.IsEmpty ? 0 : Entries.Max(e => e.Value.Height));

    public override string Kind => "a map";
}

internal sealed record MapEntry(ScalarNode Key, Node Value);
