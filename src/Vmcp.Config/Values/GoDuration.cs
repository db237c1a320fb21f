using System.Globalization;
using System.Text;

namespace Vmcp.Config.Values;

/// <summary>Durations as Go writes them: <c>500ms</c>, <c>1m30s</c>, <c>1.5h</c>; units ns, us, µs, ms, s, m, h (vmcp-runtime 1.1).</summary>
public static class GoDuration
{
    // Go counts nanoseconds in 64 bits: some 292 years.
    private const decimal MaxTicks = long.MaxValue / 100m;

    /// <summary>Reads a duration without sign.</summary>
    /// <param name="text">The text as written.</param>
    /// <param name="value">The duration, exact to 100 ns.</param>
    /// <param name="problem">Why the text is no duration, or null.</param>
    public static bool TryParse(string text, out TimeSpan value, out string? problem)
    {
        value = default;
        problem = null;
        if (text.StartsWith('-'))
        {
            problem = "a duration cannot be negative";
            return false;
        }

        decimal ticks = 0;
        int at = 0;
        while (at < text.Length)
        {
            int start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'))
                at++;
            if (at == start || at - start > 25 || !decimal.TryParse(
                text.AsSpan(start, at - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal number))
            {
                return false;
            }

            int unitStart = at;
            while (at < text.Length && !char.IsAsciiDigit(text[at]) && text[at] != '.')
                at++;
            decimal? unit = TicksOf(text.AsSpan(unitStart, at - unitStart));
            if (unit is null)
                return false;
            if (number > MaxTicks || (ticks += number * unit.Value) > MaxTicks)
            {
                problem = "the duration is longer than 292 years";
                return false;
            }
        }

        if (text.Length == 0)
            return false;
        if (ticks > 0 && ticks < 1)
        {
            problem = "the duration is shorter than 100ns";
            return false;
        }

        value = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    /// <summary>Writes a duration as Go prints it: <c>30s</c>, <c>1m0s</c>, <c>1.5s</c>, <c>500ms</c>, <c>0s</c>.</summary>
    public static string Format(TimeSpan value)
    {
        long ticks = value.Ticks;
        if (ticks < 0)
            return "-" + Format(value.Negate());
        if (ticks == 0)
            return "0s";
        if (ticks < TimeSpan.TicksPerMillisecond)
            return ticks < 10 ? Number(ticks * 100m) + "ns" : Number(ticks / 10m) + "µs";
        if (ticks < TimeSpan.TicksPerSecond)
            return Number(ticks / (decimal)TimeSpan.TicksPerMillisecond) + "ms";
        StringBuilder text = new();
        long hours = ticks / TimeSpan.TicksPerHour;
        if (hours > 0)
            text.Append(CultureInfo.InvariantCulture, $"{hours}h");
        if (ticks >= TimeSpan.TicksPerMinute)
            text.Append(CultureInfo.InvariantCulture, $"{value.Minutes}m");
        text.Append(Number(ticks % TimeSpan.TicksPerMinute / (decimal)TimeSpan.TicksPerSecond)).Append('s');
        return text.ToString();
    }

    private static string Number(decimal value) => value.ToString("0.#######", CultureInfo.InvariantCulture);

    private static decimal? TicksOf(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 0.01m,
        "us" or "µs" or "μs" => 10m,
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        "h" => TimeSpan.TicksPerHour,
        _ => null,
    };
}
