namespace Vmcp.Core.Catalogs.Verdicts;

/// <summary>The sentences of verdicts that no conflict report has.</summary>
internal static class VerdictSentences
{
    public static string Away(string backend) => $"Backend \"{backend}\" is out of service; what it lists is shown again when it answers.";

    public static string Hidden(HiddenBy hidden, string backend, string original, string name) => hidden switch
    {
        HiddenBy.ExcludeAllTools => "aggregation.excludeAllTools hides the tools of all backends.",
        HiddenBy.ExcludeAll => $"excludeAll in the aggregation.tools entry of \"{backend}\" hides all of its tools.",
        HiddenBy.DenyByDefault =>
            $"aggregation.defaultToolVisibility is deny, and \"{backend}\" has no entry in aggregation.tools.",
        _ => $"The filter in the aggregation.tools entry of \"{backend}\" does not name \"{original}\""
            + (name == original ? "." : $", nor its new name \"{name}\"."),
    };

    public static string Visible(string name, Renaming renaming, bool dependsOnClient) =>
        $"Listed as \"{name}\"{Renamed(renaming)}{(dependsOnClient ? "; only to clients that the backend may ask (elicitation, sampling, roots)" : "")}.";

    private static string Renamed(Renaming renaming)
    {
        if (renaming == Renaming.None)
            return "";
        List<string> causes = [];
        if (renaming.HasFlag(Renaming.Override))
            causes.Add("an override renamed it");
        if (renaming.HasFlag(Renaming.Prefix))
            causes.Add("the backend's prefix was added");
        if (renaming.HasFlag(Renaming.Shortened))
            causes.Add($"the name was cut to {ShortName.MaxLength} characters");
        return ": " + string.Join(", ", causes);
    }
}
