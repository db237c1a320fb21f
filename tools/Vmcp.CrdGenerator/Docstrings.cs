using System.Reflection;
using System.Text;
using System.Xml.Linq;

namespace Vmcp.CrdGenerator;

/// <summary>The docstrings of an assembly, from the XML file the compiler wrote beside it.</summary>
internal sealed class Docstrings
{
    private readonly Dictionary<string, string> _summaries;

    private Docstrings(Dictionary<string, string> summaries) => _summaries = summaries;

    public static Docstrings Of(Assembly assembly)
    {
        string path = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
        XDocument file = XDocument.Load(path);
        return new Docstrings(file.Descendants("member").ToDictionary(
            member => (string)member.Attribute("name")!,
            member => Text(member.Element("summary"))));
    }

    public string Of(Type type) => Find("T:" + Name(type));

    public string Of(PropertyInfo property) => Find($"P:{Name(property.DeclaringType!)}.{property.Name}");

    private string Find(string member) =>
        _summaries.TryGetValue(member, out string? text) && text.Length > 0
            ? text
            : throw new InvalidOperationException($"{member} has no docstring; kubectl explain would have nothing to say");

    private static string Name(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!;

    private static string Text(XElement? summary)
    {
        StringBuilder text = new();
        foreach (XNode node in summary?.DescendantNodes() ?? [])
        {
            if (node is XText words)
                text.Append(words.Value);
            else if (node is XElement { IsEmpty: true } reference)
                text.Append(((string?)reference.Attribute("cref") ?? "").Split('.', ':')[^1]);
        }

        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
