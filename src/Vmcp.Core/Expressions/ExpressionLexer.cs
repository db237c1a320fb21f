using System.Globalization;
using System.Text;

namespace Vmcp.Core.Expressions;

internal enum TokenKind
{
    Name, Text, Number, Sign, End,
}

/// <summary>A word of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The name or sign, or the value of a string.</param>
/// <param name="Position">Where it begins, counted from 0.</param>
/// <param name="Number">The value of a number.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Position, long Number = 0)
{
    public override string ToString() => Kind switch
    {
        TokenKind.End => "the end",
        TokenKind.Text => "a string",
        _ => $"\"{Text}\"",
    };
}

/// <summary>Cuts an expression into words.</summary>
internal ref struct ExpressionLexer
{
    private static readonly string[] Signs = ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ",", ".", "-"];

    private readonly string _text;
    private int _at;

    private ExpressionLexer(string text) => _text = text;

    public static List<Token> Read(string text)
    {
        ExpressionLexer lexer = new(text);
        List<Token> tokens = [];
        do
            tokens.Add(lexer.Next());
        while (tokens[^1].Kind != TokenKind.End);
        return tokens;
    }

    private Token Next()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\r' or '\n' or '\f')
            _at++;
        if (_at == _text.Length)
            return new Token(TokenKind.End, "", _at);
        int start = _at;
        char c = _text[_at];
        bool raw = c is 'r' or 'R' && _at + 1 < _text.Length && _text[_at + 1] is '"' or '\'';
        if (raw || c is '"' or '\'')
        {
            _at += raw ? 1 : 0;
            return new Token(TokenKind.Text, Quoted(raw), start);
        }

        if (char.IsAsciiLetter(c) || c == '_')
        {
            while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
                _at++;
            return new Token(TokenKind.Name, _text[start.._at], start);
        }

        if (char.IsAsciiDigit(c))
            return Number();
        foreach (string sign in Signs)
        {
            if (string.CompareOrdinal(_text, _at, sign, 0, sign.Length) == 0)
            {
                _at += sign.Length;
                return new Token(TokenKind.Sign, sign, start);
            }
        }

        string? remedy = c switch
        {
            '&' => "write &&",
            '|' => "write ||",
            '=' => "write ==",
            '?' => "there is no ?: here; write two mappings",
            _ => null,
        };
        throw new ExpressionException(start, $"\"{Shown(c)}\" means nothing here", remedy);
    }

    private Token Number()
    {
        int start = _at;
        bool hex = _text[_at] == '0' && _at + 1 < _text.Length && _text[_at + 1] is 'x' or 'X';
        _at += hex ? 2 : 0;
        int digits = _at;
        while (_at < _text.Length && char.IsAsciiLetterOrDigit(_text[_at]))
            _at++;
        bool isFraction = _at + 1 < _text.Length && _text[_at] == '.' && char.IsAsciiDigit(_text[_at + 1]);
        string word = _text[start.._at];
        NumberStyles style = hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        if (isFraction || !long.TryParse(_text.AsSpan(digits, _at - digits), style, CultureInfo.InvariantCulture, out long value) || value < 0)
            throw new ExpressionException(start, $"\"{word}\" is not a whole number of 64 bits");
        return new Token(TokenKind.Number, word, start, value);
    }

    private string Quoted(bool raw)
    {
        int start = _at;
        char quote = _text[_at++];
        StringBuilder value = new();
        while (true)
        {
            if (_at == _text.Length)
                throw new ExpressionException(start, "the string has no end", $"close it with {quote}");
            char c = _text[_at++];
            if (c == quote)
                return value.ToString();
            if (c == '\\' && !raw)
                Escape(value);
            else if (!char.IsSurrogate(c))
                value.Append(c);
            else if (_at < _text.Length && char.IsSurrogatePair(c, _text[_at]))
                value.Append(c).Append(_text[_at++]);
            else
                throw new ExpressionException(_at - 1, "half a character");
        }
    }

    private void Escape(StringBuilder value)
    {
        int start = _at - 1;
        char c = _at < _text.Length ? _text[_at++] : '\0';
        switch (c)
        {
            case '\\' or '\'' or '"' or '`' or '?':
                value.Append(c);
                break;
            case 'n':
                value.Append('\n');
                break;
            case 'r':
                value.Append('\r');
                break;
            case 't':
                value.Append('\t');
                break;
            case 'x' or 'X' or 'u' or 'U':
                int digits = c switch { 'u' => 4, 'U' => 8, _ => 2 };
                if (_at + digits > _text.Length
                    || !uint.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code)
                    || !Rune.IsValid(code))
                    throw new ExpressionException(start, $"\\{c} needs {digits} hexadecimal digits of a Unicode character");
                value.Append(new Rune(code).ToString());
                _at += digits;
                break;
            default:
                throw new ExpressionException(start, $"\\{Shown(c)} is no escape", @"write \\ for a backslash, or r'...' for a string without escapes");
        }
    }

    // A control character would break the line it is printed on.
    private static string Shown(char c) =>
        c is < ' ' or (>= '\u007f' and < '\u00a0') || char.IsSurrogate(c) ? string.Create(CultureInfo.InvariantCulture, $"U+{(int)c:X4}") : c.ToString();
}
