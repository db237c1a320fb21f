using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Vmcp.Config.Reading;

/// <summary>Turns YAML (or JSON, which is YAML too) into nodes with lines. Bounded: size, depth, and what aliases expand to.</summary>
internal sealed class YamlTree
{
    /// <summary>A file may have so many characters.</summary>
    public const int MaxLength = 1024 * 1024;

    /// <summary>Lists and maps may be nested so deeply.</summary>
    public const int MaxDepth = 64;

    /// <summary>So many nodes at most, aliases counted in full (no "billion laughs").</summary>
    public const int MaxNodes = 100_000;

    /// <summary>A key may have so many characters; YAML itself allows no more for keys on one line.</summary>
    public const int MaxKeyLength = 1024;

    private readonly Parser _parser;
    private readonly Dictionary<string, Node> _anchors = new(StringComparer.Ordinal);
    private ParsingEvent? _next;
    private long _nodes;

    private YamlTree(string yaml) => _parser = new Parser(new StringReader(yaml));

    /// <summary>Reads one document.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="problem">Why there is no tree, or null.</param>
    public static Node? Read(string yaml, out ConfigProblem? problem)
    {
        problem = Unreadable(yaml);
        if (problem is not null)
            return null;
        YamlTree tree = new(yaml.TrimStart('\ufeff'));
        try
        {
            return tree.Document();
        }
        catch (YamlProblem e)
        {
            problem = new ConfigProblem("", e.Line, Severity.Error, e.Message, e.Remedy);
        }
        catch (YamlException e)
        {
            string sentence = Sentence(e);
            bool tab = sentence.Contains(" tab ", StringComparison.Ordinal);
            int line = Line(tab ? e.End : e.Start);
            string? remedy = tab ? "indent with spaces"
                : LineText(yaml, line).Contains(": {workload}", StringComparison.Ordinal) ? "put it in quotes: '{workload}_'"
                : null;
            problem = new ConfigProblem("", line, Severity.Error, $"this is not YAML: {sentence}", remedy);
        }
        catch (Exception e) when (e
            is ArgumentException or InvalidOperationException or FormatException or IndexOutOfRangeException or OverflowException)
        {
            // The parser answers some malformed escapes with an exception of the framework instead of its own.
            int line = tree._parser.Current is { } current ? Line(current.Start) : 1;
            problem = new ConfigProblem("", line, Severity.Error, "this is not YAML: the parser gave up here");
        }

        return null;
    }

    private static ConfigProblem? Unreadable(string yaml)
    {
        if (yaml.Length > MaxLength)
            return new ConfigProblem("", 1, Severity.Error, $"the file is longer than {MaxLength} characters");
        int line = 1;
        for (int i = 0; i < yaml.Length; i++)
        {
            char c = yaml[i];
            if (c == '\n')
            {
                line++;
            }
            else if ((c < ' ' && c is not ('\t' or '\r')) || c == '\x7f')
            {
                return new ConfigProblem("", line, Severity.Error, $"the control character U+{(int)c:X4} may not stand in a YAML file");
            }
            else if (char.IsSurrogate(c))
            {
                if (char.IsHighSurrogate(c) && i + 1 < yaml.Length && char.IsLowSurrogate(yaml[i + 1]))
                    i++;
                else
                    return new ConfigProblem("", line, Severity.Error, "half a surrogate pair may not stand in a YAML file");
            }
        }

        return null;
    }

    private Node Document()
    {
        Next<StreamStart>();
        if (Peek() is StreamEnd)
            throw new YamlProblem(1, "the file is empty", "`vmcp init` writes a file to start from");
        Next<DocumentStart>();
        Node root = Value(1);
        Next<DocumentEnd>();
        if (Peek() is DocumentStart second)
            throw new YamlProblem(Line(second.Start), "a second document begins here; a configuration is one document");
        return root;
    }

    private Node Value(int depth)
    {
        ParsingEvent at = Peek();
        if (depth > MaxDepth)
            throw new YamlProblem(Line(at.Start), $"nested deeper than {MaxDepth} levels");
        return at switch
        {
            Scalar => Leaf(),
            SequenceStart => List(depth),
            MappingStart => Map(depth),
            AnchorAlias alias => Alias(alias, depth),
            _ => throw new YamlProblem(Line(at.Start), "expected a value"),
        };
    }

    private void Count(long nodes, int line)
    {
        _nodes += nodes;
        if (_nodes > MaxNodes)
            throw new YamlProblem(line, $"the file has more than {MaxNodes} values, aliases counted in full");
    }

    private ScalarNode Leaf()
    {
        Scalar scalar = Next<Scalar>();
        int line = Line(scalar.Start);
        Count(1, line);
        foreach (char c in scalar.Value)
        {
            if (char.IsSurrogate(c))
            {
                // An escape may smuggle in half a pair; a whole one is fine.
                if (!IsWellFormed(scalar.Value))
                    throw new YamlProblem(line, "this text holds half a surrogate pair");
                break;
            }
        }

        ScalarKind kind = scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific
            ? scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty ? CoreSchema.Classify(scalar.Value) : ScalarKind.Text
            : Tagged(scalar, line);
        ScalarNode node = new(line, scalar.Value, kind);
        Remember(scalar.Anchor, node);
        return node;
    }

    private static ScalarKind Tagged(Scalar scalar, int line)
    {
        ScalarKind? asked = scalar.Tag.Value switch
        {
            "tag:yaml.org,2002:str" => ScalarKind.Text,
            "tag:yaml.org,2002:null" => ScalarKind.Null,
            "tag:yaml.org,2002:bool" => ScalarKind.Boolean,
            "tag:yaml.org,2002:int" => ScalarKind.Integer,
            "tag:yaml.org,2002:float" => ScalarKind.Float,
            _ => null,
        };
        if (asked is null)
            throw new YamlProblem(line, $"the tag {scalar.Tag.Value} means nothing here", "leave it out");
        ScalarKind found = CoreSchema.Classify(scalar.Value);
        if (asked == ScalarKind.Text || asked == found || (asked == ScalarKind.Float && found == ScalarKind.Integer))
            return asked.Value;
        throw new YamlProblem(line, $"the text does not fit its tag {scalar.Tag.Value}", "leave the tag out");
    }

    private static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]))
                return false;
        }

        return true;
    }

    private ListNode List(int depth)
    {
        SequenceStart start = Next<SequenceStart>();
        CheckTag(start.Tag, "tag:yaml.org,2002:seq", start);
        Count(1, Line(start.Start));
        var items = ImmutableArray.CreateBuilder<Node>();
        while (Peek() is not SequenceEnd)
            items.Add(Value(depth + 1));
        Next<SequenceEnd>();
        ListNode node = new(Line(start.Start), items.ToImmutable());
        Remember(start.Anchor, node);
        return node;
    }

    private MapNode Map(int depth)
    {
        MappingStart start = Next<MappingStart>();
        CheckTag(start.Tag, "tag:yaml.org,2002:map", start);
        Count(1, Line(start.Start));
        var entries = ImmutableArray.CreateBuilder<MapEntry>();
        while (Peek() is not MappingEnd)
        {
            ParsingEvent keyStart = Peek();
            if (Value(depth + 1) is not ScalarNode key)
                throw new YamlProblem(Line(keyStart.Start), "a key must be a text", "put values with braces in quotes: '{workload}_'");
            if (key.Text.Length > MaxKeyLength)
                throw new YamlProblem(key.Line, $"a key has at most {MaxKeyLength} characters");
            entries.Add(new MapEntry(key, Value(depth + 1)));
        }

        Next<MappingEnd>();
        MapNode node = new(Line(start.Start), entries.ToImmutable());
        Remember(start.Anchor, node);
        return node;
    }

    private Node Alias(AnchorAlias alias, int depth)
    {
        Next<AnchorAlias>();
        int line = Line(alias.Start);
        if (!_anchors.TryGetValue(alias.Value.Value, out Node? node))
            throw new YamlProblem(line, $"the alias *{alias.Value.Value} has no anchor before it");
        Count(node.Size, line);
        if (depth + node.Height - 1 > MaxDepth)
            throw new YamlProblem(line, $"nested deeper than {MaxDepth} levels");
        return node;
    }

    private void Remember(AnchorName anchor, Node node)
    {
        if (!anchor.IsEmpty)
            _anchors[anchor.Value] = node;
    }

    private static void CheckTag(TagName tag, string expected, ParsingEvent at)
    {
        if (!tag.IsEmpty && !tag.IsNonSpecific && tag.Value != expected)
            throw new YamlProblem(Line(at.Start), $"the tag {tag.Value} means nothing here", "leave it out");
    }

    private ParsingEvent Peek()
    {
        if (_next is null)
        {
            if (!_parser.MoveNext() || _parser.Current is null)
                throw new YamlProblem(1, "the file ends too early");
            _next = _parser.Current;
        }

        return _next;
    }

    private T Next<T>()
        where T : ParsingEvent
    {
        ParsingEvent at = Peek();
        if (at is not T wanted)
            throw new YamlProblem(Line(at.Start), "the file is not one YAML document");
        _next = null;
        return wanted;
    }

    private static int Line(Mark mark) => (int)Math.Max(1, mark.Line);

    private static string LineText(string yaml, int line) => yaml.Split('\n').ElementAtOrDefault(line - 1) ?? "";

    private static string Sentence(YamlException e)
    {
        string text = e.InnerException is YamlException inner ? inner.Message : e.Message;
        return text.ReplaceLineEndings(" ").TrimEnd('.');
    }

    private sealed class YamlProblem(int line, string message, string? remedy = null) : Exception(message)
    {
        public int Line => line;

        public string? Remedy => remedy;
    }
}
