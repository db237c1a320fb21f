using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vmcp.Operator.Planning.Templates;

/// <summary>The members of a strategic merge patch that say how to merge (Kubernetes, "strategic merge patch").</summary>
internal static class Directives
{
    /// <summary><c>replace</c>, <c>delete</c> or <c>merge</c>.</summary>
    public const string Patch = "$patch";

    /// <summary>The members an object keeps.</summary>
    public const string RetainKeys = "$retainKeys";

    /// <summary>Beginning of the member that orders a list; ours is ordered already.</summary>
    public const string SetElementOrder = "$setElementOrder/";

    /// <summary>Beginning of the member that takes items out of a list of strings.</summary>
    public const string DeleteFromPrimitiveList = "$deleteFromPrimitiveList/";

    /// <summary>The patch stands for what was there.</summary>
    public const string Replace = "replace";

    /// <summary>What was there goes.</summary>
    public const string Delete = "delete";

    /// <summary>As without a directive.</summary>
    public const string Merge = "merge";

    /// <summary>A string, or null for anything else.</summary>
    public static string? Text(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>The object's <c>$patch</c>, or null.</summary>
    public static string? Of(JsonObject patch) => Text(patch[Patch]);
}
