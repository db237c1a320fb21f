using System.Reflection;
using System.Xml.Linq;

namespace Vmcp.CrdGenerator;

/// <summary>The docstrings of an assembly, from the XML file the compiler wrote beside it.</summary>
public sealed class Docstrings
{
    private readonly Dictionary<string, string> _summaries;

    private Docstrings(Dictionary<string, string> summaries) => _summaries = summaries;

    /// <summary>Reads the file of an assembly, which lies beside the running program.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="text">How the docstrings are written; plain text when null.</param>
    public static Docstrings Of(Assembly assembly, DocstringText? text = null)
    {
        text ??= new DocstringText();
        string path = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
        XDocument file = XDocument.Load(path);
        return new Docstrings(file.Descendants("member").ToDictionary(
            member => (string)member.Attribute("name")!,
            member => Summary(member.Element("summary"), text)));
    }

    /// <summary>What a type is.</summary>
    public string Of(Type type) => Find("T:" + Name(type));

    /// <summary>What a property means.</summary>
    public string Of(PropertyInfo property) => Find($"P:{Name(property.DeclaringType!)}.{property.Name}");

    private string Find(string member) =>
        _summaries.TryGetValue(member, out string? text) && text.Length > 0
            ? text
            : throw new InvalidOperationException($"{member} has no docstring; kubectl explain would have nothing to say");

    private static string Name(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!;

    private static string Summary(XElement? summary, DocstringText text) =>
        string.Join(' ', Written(summary?.Nodes() ?? [], text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Written(IEnumerable<XNode> nodes, DocstringText text) => string.Concat(nodes.Select(node => node switch
    {
        XText words => text.Words(words.Value),
        XElement { Name.LocalName: "c" } code => text.Code(code.Value),
        XElement { IsEmpty: true } reference => text.Reference((string?)reference.Attribute("cref") ?? ""),
        XElement element => Written(element.Nodes(), text),
        _ => "",
    }));
}
