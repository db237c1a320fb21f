namespace Vmcp.CrdGenerator;

/// <summary>How the parts of a docstring become text. This one writes plain text, as <c>kubectl explain</c> shows it.</summary>
public class DocstringText
{
    /// <summary>Ordinary words.</summary>
    public virtual string Words(string words) => words;

    /// <summary>What stands between <c>c</c> tags: a name or value to type.</summary>
    public virtual string Code(string code) => code;

    /// <summary>A reference to code.</summary>
    /// <param name="member">The member in the form of XML documentation: <c>P:Some.Type.Property</c>.</param>
    public virtual string Reference(string member) => member.Split('.', ':')[^1];
}
