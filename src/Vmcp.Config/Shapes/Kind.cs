using System.Diagnostics.CodeAnalysis;
using Vmcp.Config.Reading;
using Vmcp.Config.Writing;

namespace Vmcp.Config.Shapes;

/// <summary>How one kind of value is read from and written to YAML. One description serves both ways, so they cannot disagree.</summary>
internal abstract class Kind<T>
{
    /// <summary>How a value is written.</summary>
    public abstract ValueForm Form { get; }

    /// <summary>Reads a value that is not null; a problem goes to the context and gives false.</summary>
    public abstract bool TryRead(Node node, string path, ReadContext context, [MaybeNullWhen(false)] out T value);

    public abstract OutNode Write(T value);

    /// <summary>Keys of a map of this kind, for better advice about misplaced ones.</summary>
    public virtual IReadOnlyCollection<string> Keys => [];
}
