using System.Globalization;
using System.Text;

namespace Vmcp.Core.Catalogs;

/// <summary>Turns the text of an RFC 6570 template into a <see cref="TemplateProgram"/>.</summary>
internal sealed class TemplateCompiler
{
    private const int MaxSteps = 2048;
    private const int MaxPrefix = 32;
    private const string Segment = "/?#";
    private const string PathTail = "?#";
    private const string Anything = "";
    private const string QueryValue = "&#";
    private const string QueryKey = "&#=";
    private const string MatrixValue = "/?#;";
    private const string MatrixKey = "/?#;=";

    private readonly List<TemplateStep> _steps = [];

    /// <summary>Null when the text is no template, or one too large to be worth matching.</summary>
    public static TemplateProgram? Compile(string text)
    {
        if (text.Length > MaxSteps)
            return null;
        TemplateCompiler compiler = new();
        int at = 0;
        while (at < text.Length)
        {
            int open = text.IndexOf('{', at);
            string literal = open < 0 ? text[at..] : text[at..open];
            if (literal.Contains('}', StringComparison.Ordinal))
                return null;
            compiler.Literal(literal);
            if (open < 0)
                break;
            int close = text.IndexOf('}', open);
            if (close < 0 || !compiler.Expression(text[(open + 1)..close]) || compiler._steps.Count > MaxSteps)
                return null;
            at = close + 1;
        }

        compiler.Emit(new TemplateStep(TemplateOp.End));
        return compiler._steps.Count > MaxSteps ? null : new TemplateProgram([.. compiler._steps]);
    }

    private bool Expression(string body)
    {
        char op = body.Length > 0 && "+#./;?&".Contains(body[0], StringComparison.Ordinal) ? body[0] : ' ';
        List<Variable> variables = [];
        foreach (string spec in (op == ' ' ? body : body[1..]).Split(','))
        {
            if (Variable.Parse(spec) is not { } variable)
                return false;
            variables.Add(variable);
        }

        bool explode = variables.Exists(v => v.Explode);
        switch (op)
        {
            case ' ' when variables is [{ MaxLength: > 0 and <= MaxPrefix } prefix]:
                Prefix(prefix.MaxLength);
                break;
            case ' ':
                OneOrMore(explode ? PathTail : Segment);
                break;
            case '+':
                OneOrMore(Anything);
                break;
            case '#':
                Optional(() => Marked('#', Anything));
                break;
            case '.':
                Optional(() => Marked('.', Segment));
                break;
            case '/' when explode:
                ZeroOrMore(() => Marked('/', Segment));
                break;
            case '/':
                Nested(variables.Count, () => Marked('/', Segment));
                break;
            case ';':
                ZeroOrMore(() => Pair(';', variables, MatrixKey, MatrixValue, valueOptional: true));
                break;
            case '&':
                ZeroOrMore(() => Pair('&', variables, QueryKey, QueryValue, valueOptional: false));
                break;
            default:
                Optional(() =>
                {
                    Pair('?', variables, QueryKey, QueryValue, valueOptional: false);
                    ZeroOrMore(() => Pair('&', variables, QueryKey, QueryValue, valueOptional: false));
                });
                break;
        }

        return true;
    }

    private void Literal(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool plain = rune.IsAscii && (TemplateProgram.PlainCharacters.Contains((char)rune.Value) || rune.Value == '%');
            if (plain)
                Character((char)rune.Value);
            else
                Either(() => Characters(rune.ToString()), () => Characters(Escaped(rune)));
        }
    }

    /// <summary>One to <paramref name="length"/> characters, each plain or escaped (up to four escapes make one character).</summary>
    private void Prefix(int length)
    {
        void One() => Either(() => Emit(new TemplateStep(TemplateOp.Except, Except: Segment + "%")), () =>
        {
            Escape();
            Nested(3, Escape);
        });
        One();
        Nested(length - 1, One);
    }

    private void Escape()
    {
        Character('%');
        Emit(new TemplateStep(TemplateOp.Hex));
        Emit(new TemplateStep(TemplateOp.Hex));
    }

    private void Pair(char mark, List<Variable> variables, string keyExcept, string valueExcept, bool valueOptional)
    {
        Character(mark);
        if (variables.Exists(v => v.Explode))
        {
            OneOrMore(keyExcept);
            valueOptional = true;
        }
        else
        {
            OneOf(variables, 0);
        }

        void Value() => Marked('=', valueExcept);
        if (valueOptional)
            Optional(Value);
        else
            Value();
    }

    private void OneOf(List<Variable> variables, int from)
    {
        if (from == variables.Count - 1)
            Characters(variables[from].Name);
        else
            Either(() => Characters(variables[from].Name), () => OneOf(variables, from + 1));
    }

    private void Marked(char mark, string except)
    {
        Character(mark);
        ZeroOrMore(() => Emit(new TemplateStep(TemplateOp.Except, Except: except)));
    }

    private void OneOrMore(string except)
    {
        int start = _steps.Count;
        Emit(new TemplateStep(TemplateOp.Except, Except: except));
        Emit(new TemplateStep(TemplateOp.Split, Next: start, Other: start + 2));
    }

    private void ZeroOrMore(Action body)
    {
        int split = Reserve();
        body();
        Emit(new TemplateStep(TemplateOp.Split, Next: split, Other: split));
        _steps[split] = new TemplateStep(TemplateOp.Split, Next: split + 1, Other: _steps.Count);
    }

    private void Optional(Action body)
    {
        int split = Reserve();
        body();
        _steps[split] = new TemplateStep(TemplateOp.Split, Next: split + 1, Other: _steps.Count);
    }

    private void Either(Action first, Action second)
    {
        int split = Reserve();
        first();
        int jump = Reserve();
        _steps[split] = new TemplateStep(TemplateOp.Split, Next: split + 1, Other: _steps.Count);
        second();
        _steps[jump] = new TemplateStep(TemplateOp.Split, Next: _steps.Count, Other: _steps.Count);
    }

    /// <summary>Zero to <paramref name="times"/> repetitions.</summary>
    private void Nested(int times, Action body)
    {
        List<int> splits = [];
        for (int i = 0; i < times && _steps.Count <= MaxSteps; i++)
        {
            splits.Add(Reserve());
            body();
        }

        foreach (int split in splits)
            _steps[split] = new TemplateStep(TemplateOp.Split, Next: split + 1, Other: _steps.Count);
    }

    private void Characters(string text)
    {
        foreach (char c in text)
            Character(c);
    }

    private void Character(char c) => Emit(new TemplateStep(TemplateOp.Character, c));

    private void Emit(TemplateStep step) => _steps.Add(step);

    private int Reserve()
    {
        _steps.Add(default);
        return _steps.Count - 1;
    }

    private static string Escaped(Rune rune)
    {
        StringBuilder escaped = new();
        foreach (byte b in Encoding.UTF8.GetBytes(rune.ToString()))
            escaped.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        return escaped.ToString();
    }

    /// <summary>One variable of an expression; <see cref="MaxLength"/> is 0 without a prefix modifier.</summary>
    private readonly record struct Variable(string Name, bool Explode, int MaxLength)
    {
        public static Variable? Parse(string spec)
        {
            string name = spec.TrimEnd('*');
            if (spec.Length - name.Length > 1)
                return null;
            int length = 0;
            if (name.IndexOf(':', StringComparison.Ordinal) is >= 0 and int colon)
            {
                bool valid = name.Length == spec.Length
                    && int.TryParse(name.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length)
                    && length is > 0 and < 10000;
                if (!valid)
                    return null;
                name = name[..colon];
            }

            // The hyphen is not in the RFC's grammar, but servers use it and no reading conflicts.
            return name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '%' or '-')
                ? new Variable(name, name.Length < spec.Length && length == 0, length)
                : null;
        }
    }
}
