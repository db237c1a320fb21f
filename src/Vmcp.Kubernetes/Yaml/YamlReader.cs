using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Vmcp.Kubernetes.Yaml;

/// <summary>Turns the parser's events into JSON; bounded in size, depth and what aliases expand to.</summary>
internal sealed class YamlReader(string text, string fileName)
{
    private readonly Parser _parser = new(new StringReader(text.TrimStart('\ufeff')));
    private readonly Dictionary<string, JsonNode?> _anchors = new(StringComparer.Ordinal);
    private ParsingEvent? _next;
    private int _nodes;

    public List<YamlDocument> Documents()
    {
        if (text.Length > KubeYaml.MaxLength)
            throw Problem(1, $"the text is longer than {KubeYaml.MaxLength} characters");
        try
        {
            return All();
        }
        catch (YamlException e)
        {
            string sentence = (e.InnerException is YamlException inner ? inner.Message : e.Message).ReplaceLineEndings(" ").TrimEnd('.');
            bool tab = sentence.Contains(" tab ", StringComparison.Ordinal);
            // A tab is found where the parser stands, long after the map it breaks began.
            throw new KubeYamlException(fileName, tab ? Math.Max(Line(e.End), TabLine()) : Line(e.Start), tab ? $"not YAML: {sentence}; indent with spaces" : $"not YAML: {sentence}", e);
        }
        catch (Exception e) when (e
            is ArgumentException or InvalidOperationException or FormatException or IndexOutOfRangeException or OverflowException)
        {
            // The parser answers some malformed escapes with an exception of the framework instead of its own.
            int line = _parser.Current is { } current ? Line(current.Start) : 1;
            throw new KubeYamlException(fileName, line, "not YAML: the parser gave up here", e);
        }
    }

    private int TabLine() => Array.FindIndex(text.Split('\n'), line => line.TrimStart(' ').StartsWith('\t')) + 1;

    private List<YamlDocument> All()
    {
        List<YamlDocument> documents = [];
        Next<StreamStart>();
        while (Peek() is DocumentStart)
        {
            Next<DocumentStart>();
            _anchors.Clear();
            int line = Line(Peek().Start);
            JsonNode? root = Value(1);
            Next<DocumentEnd>();
            if (root is JsonObject body)
                documents.Add(new YamlDocument(body, fileName, line));
            else if (root is not null)
                throw Problem(line, "a manifest is a map with apiVersion and kind; this document is a " + (root is JsonArray ? "list" : "single value"));
        }

        return documents;
    }

    private JsonNode? Value(int depth)
    {
        ParsingEvent at = Peek();
        if (depth > KubeYaml.MaxDepth)
            throw Problem(Line(at.Start), $"nested deeper than {KubeYaml.MaxDepth} levels");
        return at switch
        {
            Scalar => Leaf(),
            SequenceStart => List(depth),
            MappingStart => Map(depth),
            AnchorAlias => Alias(depth),
            _ => throw Problem(Line(at.Start), "expected a value"),
        };
    }

    private JsonNode? Leaf()
    {
        Scalar scalar = Next<Scalar>();
        Count(1, scalar);
        JsonNode? node = Resolve(scalar);
        Remember(scalar.Anchor, node);
        return node;
    }

    private JsonNode? Resolve(Scalar scalar)
    {
        bool plain = scalar.Style == ScalarStyle.Plain;
        if (scalar.Tag.IsEmpty)
            return plain ? YamlScalars.Resolve(scalar.Value) : JsonValue.Create(scalar.Value);
        if (scalar.Tag.IsNonSpecific)
            return JsonValue.Create(scalar.Value);
        switch (scalar.Tag.Value)
        {
            case "tag:yaml.org,2002:str":
                return JsonValue.Create(scalar.Value);
            case "tag:yaml.org,2002:null" or "tag:yaml.org,2002:bool" or "tag:yaml.org,2002:int" or "tag:yaml.org,2002:float":
                return YamlScalars.Resolve(scalar.Value);
            case "tag:yaml.org,2002:binary":
                return JsonValue.Create(scalar.Value);
            default:
                throw Problem(Line(scalar.Start), $"the tag {scalar.Tag.Value} means nothing here; leave it out");
        }
    }

    private JsonArray List(int depth)
    {
        SequenceStart start = Next<SequenceStart>();
        Count(1, start);
        JsonArray list = [];
        while (Peek() is not SequenceEnd)
            list.Add(Value(depth + 1));
        Next<SequenceEnd>();
        Remember(start.Anchor, list);
        return list;
    }

    private JsonObject Map(int depth)
    {
        MappingStart start = Next<MappingStart>();
        Count(1, start);
        JsonObject map = [];
        List<JsonNode?> merged = [];
        while (Peek() is not MappingEnd)
        {
            ParsingEvent at = Peek();
            bool merge = at is Scalar { Style: ScalarStyle.Plain, Value: "<<", Tag.IsEmpty: true };
            string key = at is Scalar or AnchorAlias ? Key(Value(depth + 1), at) : throw Problem(Line(at.Start), "a key must be a text");
            JsonNode? value = Value(depth + 1);
            if (merge)
                merged.Add(value);
            else if (!map.TryAdd(key, value))
                throw Problem(Line(at.Start), $"the key {key} stands here a second time");
        }

        Next<MappingEnd>();
        foreach (JsonNode? source in merged)
            Merge(map, source, start);
        Remember(start.Anchor, map);
        return map;
    }

    /// <summary>The merge key <c>&lt;&lt;</c> (YAML 1.1 types): members the map does not have itself come from another.</summary>
    private void Merge(JsonObject map, JsonNode? source, ParsingEvent at)
    {
        IEnumerable<JsonNode?> sources = source is JsonArray list ? list : [source];
        foreach (JsonNode? one in sources)
        {
            if (one is not JsonObject from)
                throw Problem(Line(at.Start), "<< takes a map or a list of maps");
            foreach ((string key, JsonNode? value) in from)
            {
                if (!map.ContainsKey(key))
                    map[key] = value?.DeepClone();
            }
        }
    }

    private string Key(JsonNode? key, ParsingEvent at) => key switch
    {
        // The text as it stands, so that a key 1.10 does not lose its zero.
        _ when at is Scalar scalar => scalar.Value,
        JsonValue value when value.TryGetValue(out string? name) => name,
        JsonValue value => value.ToJsonString(),
        _ => throw Problem(Line(at.Start), "a key must be a text"),
    };

    private JsonNode? Alias(int depth)
    {
        AnchorAlias alias = Next<AnchorAlias>();
        if (!_anchors.TryGetValue(alias.Value.Value, out JsonNode? node))
            throw Problem(Line(alias.Start), $"the alias *{alias.Value.Value} has no anchor before it");
        int size = 0;
        Measure(node, depth, ref size, alias);
        Count(size, alias);
        return node?.DeepClone();
    }

    private void Measure(JsonNode? node, int depth, ref int size, ParsingEvent at)
    {
        if (depth > KubeYaml.MaxDepth)
            throw Problem(Line(at.Start), $"nested deeper than {KubeYaml.MaxDepth} levels");
        size++;
        IEnumerable<JsonNode?> children = node switch
        {
            JsonObject map => map.Select(m => m.Value),
            JsonArray list => list,
            _ => [],
        };
        foreach (JsonNode? child in children)
            Measure(child, depth + 1, ref size, at);
    }

    private void Count(int nodes, ParsingEvent at)
    {
        _nodes += nodes;
        if (_nodes > KubeYaml.MaxNodes)
            throw Problem(Line(at.Start), $"the text has more than {KubeYaml.MaxNodes} values, aliases counted in full");
    }

    private void Remember(AnchorName anchor, JsonNode? node)
    {
        if (!anchor.IsEmpty)
            _anchors[anchor.Value] = node;
    }

    private ParsingEvent Peek()
    {
        if (_next is null)
        {
            if (!_parser.MoveNext() || _parser.Current is null)
                throw Problem(1, "not YAML: the text ends too early");
            _next = _parser.Current;
        }

        return _next;
    }

    private T Next<T>()
        where T : ParsingEvent
    {
        ParsingEvent at = Peek();
        if (at is not T wanted)
            throw Problem(Line(at.Start), "not YAML: unexpected end of a value");
        _next = null;
        return wanted;
    }

    private KubeYamlException Problem(int line, string problem) => new(fileName, line, problem);

    private static int Line(Mark mark) => (int)Math.Max(1, mark.Line);
}
