using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.InMemory.Storing;

namespace Vmcp.Kubernetes.InMemory.Selecting;

/// <summary>A selection, read.</summary>
internal sealed record Selector(string? Namespace, LabelSelector Labels, FieldSelector Fields, bool MetadataOnly)
{
    public static Selector Of(ClusterRequest request, Selection selection)
    {
        try
        {
            return new Selector(
                selection.Namespace, LabelSelector.Parse(selection.LabelSelector), FieldSelector.Parse(selection.FieldSelector, request.Type),
                selection.MetadataOnly);
        }
        catch (FormatException e)
        {
            throw Answers.Invalid(request, e.Message);
        }
    }

    public bool Matches(Stored? stored) =>
        stored is not null && (Namespace is null || stored.Object.Meta.Namespace == Namespace) && Labels.Matches(stored.Object.Meta.Labels)
        && Fields.Matches(stored.Object);
}
