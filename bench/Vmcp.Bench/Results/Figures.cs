namespace Vmcp.Bench.Results;

/// <summary>One figure over several rounds.</summary>
/// <param name="Values">What each round gave, in order.</param>
internal sealed record Figure(IReadOnlyList<double> Values)
{
    /// <summary>The median; of an even number the mean of the two in the middle.</summary>
    public double Median
    {
        get
        {
            double[] sorted = [.. Values.Order()];
            int half = sorted.Length / 2;
            return sorted.Length == 0 ? double.NaN : sorted.Length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        }
    }

    /// <summary>How far apart the rounds are: (largest − smallest) ÷ median.</summary>
    public double Spread => Values.Count < 2 || Median == 0 ? 0 : (Values.Max() - Values.Min()) / Median;
}

/// <summary>What one round of a row gave.</summary>
/// <param name="PerSecond">Calls in a second.</param>
/// <param name="P50">Median latency, ms.</param>
/// <param name="P99">99th percentile, ms.</param>
/// <param name="UserMicroseconds">CPU of the gateway for a call, its own part; NaN without a gateway.</param>
/// <param name="KernelMicroseconds">The kernel's part of it.</param>
/// <param name="BackendMicroseconds">CPU of the backend for a call.</param>
/// <param name="ResidentMb">Memory of the gateway, MB.</param>
/// <param name="Errors">Calls that failed.</param>
internal sealed record Round(
    double PerSecond, double P50, double P99, double UserMicroseconds, double KernelMicroseconds, double BackendMicroseconds, double ResidentMb, long Errors);

/// <summary>What is called, how, and by how many.</summary>
/// <param name="Pair">Eras of client and backend: <c>Legacy JSON</c>, <c>Legacy SSE</c>, <c>Modern</c>, <c>Legacy to Modern</c>, <c>Modern to Legacy</c>.</param>
/// <param name="Clients">Connections.</param>
/// <param name="Payload">Length of the argument, bytes.</param>
/// <param name="Backends">How many backends the gateway has.</param>
/// <param name="Auth"><c>off</c>, <c>header</c> or <c>exchange</c>.</param>
/// <param name="ViaGateway">Whether the call goes through the gateway.</param>
internal sealed record CallCase(string Pair, int Clients, int Payload, int Backends, string Auth, bool ViaGateway)
{
    /// <summary>The call that ratios of this one are taken against: the same without a gateway.</summary>
    public CallCase Direct => this with { Pair = NativePair, Backends = 1, Auth = "off", ViaGateway = false };

    private string NativePair => Pair switch
    {
        "Legacy to Modern" => "Modern",
        "Modern to Legacy" => "Legacy JSON",
        _ => Pair,
    };
}

/// <summary>A case with what was measured of it.</summary>
/// <param name="Case">The case.</param>
/// <param name="Rounds">One entry a round.</param>
internal sealed record CallRow(CallCase Case, IReadOnlyList<Round> Rounds)
{
    /// <summary>The direct calls measured between these; empty for a direct row.</summary>
    public IReadOnlyList<Round> Beside { get; init; } = [];

    /// <summary>The median of one figure over the rounds.</summary>
    public double Median(Func<Round, double> figure) => Of(figure).Median;

    /// <summary>One figure over the rounds.</summary>
    public Figure Of(Func<Round, double> figure) => new([.. Rounds.Select(figure)]);

    /// <summary>The gateway's CPU for a call, µs.</summary>
    public double Cpu => Median(r => r.UserMicroseconds + r.KernelMicroseconds);

    /// <summary>Calls that failed, in all rounds.</summary>
    public long Errors => Rounds.Sum(r => r.Errors);

    /// <summary>Calls in a second against those of the direct calls beside them, round by round.</summary>
    public Figure Ratio => new([.. Rounds.Zip(Beside, (through, straight) => through.PerSecond / straight.PerSecond)]);
}
