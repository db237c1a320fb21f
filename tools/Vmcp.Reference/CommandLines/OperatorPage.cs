using System.Text;
using Vmcp.Operator.Host;
using Vmcp.Reference.Text;

namespace Vmcp.Reference.CommandLines;

/// <summary>Every flag and variable of <c>vmcp-operator</c>.</summary>
internal static class OperatorPage
{
    public static string Write()
    {
        StringBuilder page = Markdown.Page("Flags of the operator", "src/Vmcp.Operator.Host");
        page.Append("\nEvery flag and environment variable of `vmcp-operator`. What they are for: [the operator](../operator.md).\n");
        CommandSections.Options(page, OperatorCommand.Build(new OperatorFlags()).Options);
        CommandSections.ExitCodes(page, OperatorCommand.ExitCodes);
        CommandSections.Examples(page, OperatorCommand.Examples);
        Markdown.Heading(page, "##", "Environment", "environment");
        CommandSections.Variables(page, OperatorVariables.All);
        return page.ToString();
    }
}
