using System.Globalization;

namespace Vmcp.Fixture;

/// <summary>What the fixture speaks. <see cref="Dual"/> is legacy and modern on one URL.</summary>
internal enum Speaks
{
    Legacy,
    Modern,
    Sse,
    Dual,
}

/// <summary>The command line.</summary>
/// <param name="Era">Protocol era(s) to speak.</param>
/// <param name="Port">Loopback port; 0 lets the system choose.</param>
/// <param name="PlainJson">True: a result with nothing before it is answered as JSON. False: always as an event stream.</param>
internal sealed record FixtureOptions(Speaks Era, int Port, bool PlainJson)
{
    public const string Usage = "usage: Vmcp.Fixture --era legacy|modern|sse|dual [--port 0] [--answer json|sse]";

    /// <summary>Reads the arguments; null when they make no sense.</summary>
    public static FixtureOptions? Parse(string[] args)
    {
        FixtureOptions options = new(Speaks.Legacy, 0, PlainJson: true);
        for (int i = 0; i < args.Length; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            switch (args[i])
            {
                case "--era" when Enum.TryParse(value, ignoreCase: true, out Speaks era):
                    options = options with { Era = era };
                    break;
                case "--port" when int.TryParse(value, CultureInfo.InvariantCulture, out int port):
                    options = options with { Port = port };
                    break;
                case "--answer" when value is "json" or "sse":
                    options = options with { PlainJson = value == "json" };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
