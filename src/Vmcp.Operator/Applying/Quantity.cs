using System.Globalization;
using System.Text.Json;

namespace Vmcp.Operator.Applying;

/// <summary>Amounts as Kubernetes writes them: <c>500m</c> is <c>0.5</c>, <c>1024Mi</c> is <c>1Gi</c> (apimachinery, resource.Quantity).</summary>
internal static class Quantity
{
    private static readonly Dictionary<string, decimal> Suffixes = new(StringComparer.Ordinal)
    {
        ["m"] = 0.001m,
        [""] = 1m,
        ["k"] = 1_000m,
        ["M"] = 1_000_000m,
        ["G"] = 1_000_000_000m,
        ["T"] = 1_000_000_000_000m,
        ["Ki"] = 1024m,
        ["Mi"] = 1024m * 1024m,
        ["Gi"] = 1024m * 1024m * 1024m,
        ["Ti"] = 1024m * 1024m * 1024m * 1024m,
    };

    /// <summary>Reads a number or a text such as <c>64Mi</c>; false for anything else.</summary>
    public static bool TryParse(JsonElement value, out decimal amount)
    {
        amount = 0;
        if (value.ValueKind == JsonValueKind.Number)
            return value.TryGetDecimal(out amount);
        if (value.ValueKind != JsonValueKind.String)
            return false;
        string text = value.GetString()!;
        int end = text.Length;
        while (end > 0 && char.IsAsciiLetter(text[end - 1]))
            end--;
        if (end == 0 || text.Length > 24 || !Suffixes.TryGetValue(text[end..], out decimal factor))
            return false;
        if (!decimal.TryParse(text.AsSpan(0, end), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out decimal number))
            return false;
        amount = number * factor;
        return true;
    }
}
