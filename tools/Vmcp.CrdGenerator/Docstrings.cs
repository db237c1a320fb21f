using System.Reflection;
using System.Xml.Linq;

namespace Vmcp.CrdGenerator;

/// <summary>The docstrings of an assembly, from the XML file the compiler wrote beside it.</summary>
public sealed class Docstrings
{
    private readonly Dictionary<string, XElement> _members;
    private readonly DocstringText _text;

    private Docstrings(Dictionary<string, XElement> members, DocstringText text) => (_members, _text) = (members, text);

    /// <summary>Reads the file of an assembly, which lies beside the running program.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="text">How the docstrings are written; plain text when null.</param>
    public static Docstrings Of(Assembly assembly, DocstringText? text = null)
    {
        string path = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
        return new Docstrings(XDocument.Load(path).Descendants("member").ToDictionary(m => (string)m.Attribute("name")!), text ?? new DocstringText());
    }

    /// <summary>What a type is.</summary>
    public string Of(Type type) => Find("T:" + Name(type));

    /// <summary>What a property means.</summary>
    public string Of(PropertyInfo property) => Find($"P:{Name(property.DeclaringType!)}.{property.Name}");

    /// <summary>What a constant or the member of an enum means.</summary>
    public string Of(FieldInfo field) => Find($"F:{Name(field.DeclaringType!)}.{field.Name}");

    /// <summary>What its <c>default</c> element says of a property that was not set; empty without one.</summary>
    public string Default(PropertyInfo property) => Content($"P:{Name(property.DeclaringType!)}.{property.Name}", "default");

    private string Find(string member) => Content(member, "summary") is { Length: > 0 } text
        ? text
        : throw new InvalidOperationException($"{member} has no docstring; kubectl explain and the reference would have nothing to say");

    private static string Name(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!;

    private string Content(string member, string element) =>
        string.Join(' ', Written(_members.GetValueOrDefault(member)?.Element(element)?.Nodes() ?? [], _text)
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Written(IEnumerable<XNode> nodes, DocstringText text) => string.Concat(nodes.Select(node => node switch
    {
        XText words => text.Words(words.Value),
        XElement { Name.LocalName: "c" } code => text.Code(code.Value),
        XElement { IsEmpty: true } reference => text.Reference((string?)reference.Attribute("cref") ?? ""),
        XElement element => Written(element.Nodes(), text),
        _ => "",
    }));
}
