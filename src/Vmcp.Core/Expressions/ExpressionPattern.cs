using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Vmcp.Core.Expressions;

/// <summary>
/// A pattern of <c>matches()</c> with the meaning RE2 gives it (CEL): <c>$</c> is the very end, so that "admin" followed by a line break is not
/// "admin", and <c>\d \w \s</c> are ASCII. It is matched in time linear in the text, and what would make a large automaton is refused.
/// </summary>
internal ref struct ExpressionPattern
{
    // Counts of repeats multiply when they lie within each other, so their product times the length bounds the automaton.
    private const int MaxRepeats = 1000;
    private const int MaxSize = 20_000;

    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(100);

    private readonly string _pattern;
    private readonly int _position;
    private readonly StringBuilder _out = new();
    private int _at;
    private bool _inClass;
    private long _repeats = 1;

    private ExpressionPattern(string pattern, int position)
    {
        _pattern = pattern;
        _position = position;
    }

    /// <summary>Prepares a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="position">Where the string that holds it begins, for the problem.</param>
    /// <exception cref="ExpressionException">The pattern is not accepted.</exception>
    public static Regex Compile(string pattern, int position)
    {
        string translated = new ExpressionPattern(pattern, position).Translate();
        try
        {
            return new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Timeout);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new ExpressionException(position, "the pattern is not a regular expression of RE2");
        }
    }

    private string Translate()
    {
        while (_at < _pattern.Length)
        {
            char c = _pattern[_at];
            if (c == '\\')
                Escape();
            else if (_inClass)
                InClass(c);
            else
                Plain(c);
        }

        return _out.ToString();
    }

    private void Plain(char c)
    {
        switch (c)
        {
            case '$':
                Take(1, @"\z");
                break;
            case '[':
                _inClass = true;
                bool negated = _at + 1 < _pattern.Length && _pattern[_at + 1] == '^';
                Take(negated ? 2 : 1);

                // RE2 takes a bracket in the first place for itself, as .NET does.
                if (_at < _pattern.Length && _pattern[_at] == ']')
                    Take(1, @"\]");
                break;
            case '(' when _at + 1 < _pattern.Length && _pattern[_at + 1] == '?':
                Group();
                break;
            case '{':
                Repeat();
                break;
            default:
                Take(1);
                break;
        }
    }

    private void InClass(char c)
    {
        if (c == '[')
            throw Refused("[ within a class", @"write \[");
        _inClass = c != ']';
        Take(1);
    }

    private void Group()
    {
        foreach (string opening in (string[])["(?:", "(?i)", "(?i:", "(?s)", "(?s:"])
        {
            if (string.CompareOrdinal(_pattern, _at, opening, 0, opening.Length) == 0)
            {
                Take(opening.Length);
                return;
            }
        }

        throw Refused("this kind of group", "write (...), (?:...), (?i) or (?s)");
    }

    private void Repeat()
    {
        int close = _pattern.IndexOf('}', _at);
        string[] counts = close < 0 ? [] : _pattern[(_at + 1)..close].Split(',');
        if (counts.Length is 0 or > 2 || !IsCount(counts[0]) || (counts.Length == 2 && counts[1].Length > 0 && !IsCount(counts[1])))
            throw Refused("{ that opens no repeat", @"write \{");
        foreach (string count in counts.Where(c => c.Length > 0))
            _repeats *= Math.Max(1, long.Parse(count, CultureInfo.InvariantCulture));
        if (_repeats > MaxRepeats || _repeats * _pattern.Length > MaxSize)
            throw Refused("so many repeats", $"the counts in braces may multiply to {MaxRepeats}, and with the length to {MaxSize}");
        Take(close + 1 - _at);
    }

    private void Escape()
    {
        char c = _at + 1 < _pattern.Length ? _pattern[_at + 1] : throw Refused("a backslash at the end");
        string? ascii = c switch
        {
            'd' => "0-9",
            'w' => "0-9A-Za-z_",
            's' => @"\t\n\f\r ",
            _ => null,
        };
        string? others = c switch
        {
            'D' => "[^0-9]",
            'W' => "[^0-9A-Za-z_]",
            'S' => @"[^\t\n\f\r ]",
            _ => null,
        };
        if (c is 'p' or 'P')
            Take(Math.Max(2, _pattern.IndexOf('}', _at) + 1 - _at)); // a class of Unicode, for example \p{Lu}
        else if (ascii is not null)
            Take(2, _inClass ? ascii : $"[{ascii}]");
        else if (others is not null)
            Take(2, _inClass ? throw Refused($"\\{c} within a class") : others);
        else if (char.IsAsciiLetterOrDigit(c) && !"tnrfvx".Contains(c, StringComparison.Ordinal) && (_inClass || !"bBAz".Contains(c, StringComparison.Ordinal)))
            throw Refused($"\\{c}");
        else
            Take(2);
    }

    private void Take(int length, string? instead = null)
    {
        _out.Append(instead ?? _pattern.Substring(_at, length));
        _at += length;
    }

    private static bool IsCount(string text) => text.Length is > 0 and <= 4 && text.All(char.IsAsciiDigit);

    private readonly ExpressionException Refused(string what, string? remedy = null) =>
        new(_position, string.Create(CultureInfo.InvariantCulture, $"the pattern has {what} at its character {_at + 1}, which is not supported"), remedy);
}
