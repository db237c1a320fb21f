using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Vmcp.Config.Reading;
using Vmcp.Config.Values;
using Vmcp.Config.Writing;
using Vmcp.Core.Backends;

namespace Vmcp.Config.Shapes;

/// <summary>Text. A number or boolean is refused: <c>1.10</c> would silently become <c>1.1</c> in other readers.</summary>
internal sealed class TextKind : Kind<string>
{
    public override ValueForm Form => new ValueForm.Plain("string", "\"x\"");

    public override bool TryRead(Node node, string path, ReadContext context, [MaybeNullWhen(false)] out string value)
    {
        value = null;
        if (node is ScalarNode { Type: ScalarKind.Text } text)
        {
            value = text.Text;
            return true;
        }

        string? remedy = node is ScalarNode { Type: not ScalarKind.Null } scalar ? $"write \"{scalar.Shown}\" in quotes" : null;
        context.WrongKind(path, node, "a string", remedy);
        return false;
    }

    public override OutNode Write(string value) => new OutScalar(YamlText.Text(value));
}

/// <summary>Text that no report shows.</summary>
internal sealed class SecretKind : Kind<Secret>
{
    public override ValueForm Form => new ValueForm.Plain("string, secret", "\"x\"");

    public override bool TryRead(Node node, string path, ReadContext context, [MaybeNullWhen(false)] out Secret value)
    {
        value = null;
        if (node is ScalarNode { Type: ScalarKind.Text } text)
        {
            value = new Secret(text.Text);
            return true;
        }

        if (node is ScalarNode { Type: not ScalarKind.Null })
            context.Error(path, node.Line, "expected a string, found a number or boolean", "write the value in quotes");
        else
            context.WrongKind(path, node, "a string");
        return false;
    }

    public override OutNode Write(Secret value) => new OutScalar(YamlText.Text(value.Reveal()));
}

internal sealed class BooleanKind : Kind<bool>
{
    public override ValueForm Form => new ValueForm.Plain("true or false", "true");

    public override bool TryRead(Node node, string path, ReadContext context, out bool value)
    {
        value = false;
        if (node is ScalarNode { Type: ScalarKind.Boolean } scalar)
        {
            value = scalar.Text is "true" or "True" or "TRUE";
            return true;
        }

        string? remedy = (node as ScalarNode)?.Text.ToUpperInvariant() switch
        {
            "YES" or "Y" or "ON" or "1" or "TRUE" => "write true",
            "NO" or "N" or "OFF" or "0" or "FALSE" => "write false",
            _ => null,
        };
        context.WrongKind(path, node, "true or false", remedy);
        return false;
    }

    public override OutNode Write(bool value) => new OutScalar(value ? "true" : "false");
}

/// <summary>A whole number between two bounds of its type.</summary>
internal sealed class IntegerKind(long min, long max) : Kind<long>
{
    public override ValueForm Form => new ValueForm.Plain("integer", "1");

    public override bool TryRead(Node node, string path, ReadContext context, out long value)
    {
        value = 0;
        if (node is not ScalarNode { Type: ScalarKind.Integer } scalar)
        {
            string? remedy = node is ScalarNode { Type: ScalarKind.Text } text && CoreSchema.Classify(text.Text) == ScalarKind.Integer
                ? $"write {text.Text} without quotes"
                : null;
            context.WrongKind(path, node, "a whole number", remedy);
            return false;
        }

        if (TryParse(scalar.Text, out value) && value >= min && value <= max)
            return true;
        context.Error(path, node.Line, $"the number {scalar.Shown} is out of range", $"between {min} and {max}");
        return false;
    }

    public override OutNode Write(long value) => new OutScalar(value.ToString(CultureInfo.InvariantCulture));

    internal static bool TryParse(string text, out long value)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
            return long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value >= 0;
        if (!text.StartsWith("0o", StringComparison.Ordinal))
            return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
        value = 0;
        foreach (char digit in text.AsSpan(2))
        {
            if (value > long.MaxValue >> 3)
                return false;
            value = (value << 3) | (uint)(digit - '0');
        }

        return true;
    }
}

/// <summary>A decimal number that files spell as text (<c>"0.05"</c>); without quotes it means the same.</summary>
internal sealed class DecimalKind : Kind<decimal>
{
    public override ValueForm Form => new ValueForm.Plain("decimal number", "\"0.5\"");

    public override bool TryRead(Node node, string path, ReadContext context, out decimal value)
    {
        value = 0;
        if (node is not ScalarNode { Type: ScalarKind.Text or ScalarKind.Integer or ScalarKind.Float } scalar)
        {
            context.WrongKind(path, node, "a decimal number as text", "write \"0.5\"");
            return false;
        }

        if (scalar.Text.Length <= 20
            && decimal.TryParse(scalar.Text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value))
        {
            value = Normal(value);
            return true;
        }

        context.Error(path, node.Line, $"\"{scalar.Shown}\" is not a decimal number", "write \"0.5\"");
        return false;
    }

    public override OutNode Write(decimal value) =>
        new OutScalar($"\"{Normal(value).ToString(CultureInfo.InvariantCulture)}\"");

    // 1.0 and 1.00 are equal but print differently; equal values must give equal bytes.
    private static decimal Normal(decimal value) => value / 1.0000000000000000000000000000m;
}

internal sealed class DurationKind : Kind<TimeSpan>
{
    public override ValueForm Form => new ValueForm.Plain("duration", "\"1s\"");

    public override bool TryRead(Node node, string path, ReadContext context, out TimeSpan value)
    {
        value = default;
        if (node is not ScalarNode { Type: not ScalarKind.Null } scalar)
        {
            context.WrongKind(path, node, "a duration", "write \"30s\"");
            return false;
        }

        if (CoreSchema.Classify(scalar.Text) is ScalarKind.Integer or ScalarKind.Float && !scalar.Text.StartsWith('-'))
        {
            context.Error(path, node.Line, $"the duration {scalar.Shown} has no unit", $"write \"{scalar.Shown}s\" for seconds");
            return false;
        }

        if (GoDuration.TryParse(scalar.Text, out value, out string? problem))
            return true;
        context.Error(
            path, node.Line, problem ?? $"\"{scalar.Shown}\" is not a duration", "write \"30s\", \"1m30s\" or \"500ms\" (units ns, us, ms, s, m, h)");
        return false;
    }

    public override OutNode Write(TimeSpan value) => new OutScalar(GoDuration.Format(value));
}

/// <summary>One of some words.</summary>
/// <param name="noun">What the words are, with article: <c>a transport</c>.</param>
/// <param name="words">The words; of two for one value the first is written.</param>
internal sealed class WordKind<T>(string noun, params (string Word, T Value)[] words) : Kind<T>
    where T : struct, Enum
{
    public override ValueForm Form => new ValueForm.Word([.. words.Select(w => KeyValuePair.Create(w.Word, (Enum)w.Value))]);

    public override bool TryRead(Node node, string path, ReadContext context, out T value)
    {
        value = default;
        if (node is not ScalarNode { Type: not ScalarKind.Null } scalar)
        {
            context.WrongKind(path, node, $"one of {List}");
            return false;
        }

        foreach ((string word, T known) in words)
        {
            if (word == scalar.Text)
            {
                value = known;
                return true;
            }
        }

        string? near = NearMatch.Find(scalar.Text, words.Select(w => w.Word));
        string message = near is null ? $"\"{scalar.Shown}\" is not {noun}; must be one of: {List}" : $"\"{scalar.Shown}\" is not {noun}";
        context.Error(path, node.Line, message, near is null ? null : $"did you mean \"{near}\"?");
        return false;
    }

    public override OutNode Write(T value)
    {
        foreach ((string word, T known) in words)
        {
            if (EqualityComparer<T>.Default.Equals(known, value))
                return new OutScalar(YamlText.Text(word));
        }

        throw new ArgumentOutOfRangeException(nameof(value), value, null);
    }

    private string List => string.Join(", ", words.Select(w => w.Word));
}
