using Vmcp.CrdGenerator;

namespace Vmcp.Reference.Text;

/// <summary>Docstrings as Markdown: words escaped, names and values as code.</summary>
internal class MarkdownText : DocstringText
{
    public override string Words(string words) => Markdown.Escape(words);

    public override string Code(string code) => Markdown.Code(string.Join(' ', code.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    public override string Reference(string member) =>
        member.StartsWith("P:", StringComparison.Ordinal) ? Markdown.Code(Markdown.Key(base.Reference(member))) : Markdown.Code(base.Reference(member));
}
