using Vmcp.Bench.Results;
using Vmcp.Bench.Running;
using Vmcp.TestKit;

namespace Vmcp.Bench.Measures;

/// <summary>tools/call through the gateway and without it, in turn, in one run.</summary>
/// <param name="rounds">How often each case is measured.</param>
/// <param name="seconds">How long each time.</param>
/// <param name="progress">Told what runs.</param>
internal sealed class CallMatrix(int rounds, double seconds, Action<string> progress)
{
    private const int SmallBytes = 200, LargeBytes = 32 * 1024, HugeBytes = 1024 * 1024;
    private const string ClientSecret = "bench-client-secret";

    /// <summary>Compiled code comes in tiers: a path is at its speed after some ten thousand calls.</summary>
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(8);

    private static readonly string[] Pairs = ["Legacy JSON", "Legacy SSE", "Modern", "Legacy to Modern", "Modern to Legacy"];

    /// <summary>
    /// All that <c>make bench</c> measures. Not the whole product, which would take hours: size and number of clients for every pair of eras; the number of
    /// backends and the ways of authentication where the rest is held still, because they touch neither size nor era.
    /// </summary>
    public static IEnumerable<CallCase> All()
    {
        foreach (string pair in Pairs)
        {
            foreach (int payload in (int[])[SmallBytes, LargeBytes, HugeBytes])
            {
                foreach (int clients in (int[])[1, 16, 64])
                    yield return new CallCase(pair, clients, payload, 1, "off", true);
            }
        }

        foreach (int backends in (int[])[10, 100])
        {
            yield return new CallCase("Legacy JSON", 16, SmallBytes, backends, "off", true);
            yield return new CallCase("Modern", 16, SmallBytes, backends, "off", true);
        }

        foreach (string auth in (string[])["header", "exchange"])
        {
            yield return new CallCase("Legacy JSON", 16, SmallBytes, 1, auth, true);
            yield return new CallCase("Modern", 16, SmallBytes, 1, auth, true);
        }
    }

    /// <summary>The few that tell most.</summary>
    public static IEnumerable<CallCase> Few() =>
        [.. Pairs.Take(3).Select(pair => new CallCase(pair, 16, SmallBytes, 1, "off", true)), new CallCase("Legacy JSON", 1, SmallBytes, 1, "off", true)];

    /// <summary>Measures cases and the direct calls they are compared with.</summary>
    public async Task<CallReport> RunAsync(IReadOnlyList<CallCase> cases, TimeSpan? warm, CancellationToken cancellationToken)
    {
        Wrk.Require();
        await using Echo legacy = await Echo.StartAsync("legacy", cancellationToken);
        await using Echo events = await Echo.StartAsync("legacy-sse", cancellationToken);
        await using Echo modern = await Echo.StartAsync("modern", cancellationToken);
        Dictionary<string, Echo> echoes = new() { ["Legacy JSON"] = legacy, ["Modern to Legacy"] = legacy, ["Legacy SSE"] = events, ["Modern"] = modern, ["Legacy to Modern"] = modern };
        List<CallRow> rows = [];
        foreach (IGrouping<(int Backends, string Auth), CallCase> set in cases.GroupBy(c => (c.Backends, c.Auth)))
        {
            await using TestAuthorizationServer idp = await TestAuthorizationServer.StartAsync(o => o.Clients["bench"] = ClientSecret);
            string? authorization = set.Key.Auth == "exchange" ? "Bearer " + idp.Token("user", "bench") : null;
            await using GatewayProcess gateway = await GatewayProcess.StartAsync(
                $"gateway-{set.Key.Backends}-{set.Key.Auth}", Configuration(set.Key.Backends, set.Key.Auth, idp, legacy, events, modern), cancellationToken);
            HashSet<(string, bool)> hot = [];
            foreach (CallCase through in set)
            {
                List<Round> direct = [], routed = [];
                foreach (bool viaGateway in (bool[])[false, true])
                {
                    CallCase what = viaGateway ? through : through.Direct;
                    if (hot.Add((what.Pair, viaGateway)))
                        await OnceAsync(what, echoes[what.Pair], gateway, authorization, (warm ?? Warm).TotalSeconds, cancellationToken);
                }

                for (int round = 0; round < rounds; round++)
                {
                    progress($"{through.Pair}, {through.Clients} clients, {through.Payload} bytes, {through.Backends} backends, auth {through.Auth}: round {round + 1} of {rounds}");
                    direct.Add(await OnceAsync(through.Direct, echoes[through.Direct.Pair], gateway, null, seconds, cancellationToken));
                    routed.Add(await OnceAsync(through, echoes[through.Pair], gateway, authorization, seconds, cancellationToken));
                }

                if (rows.All(r => r.Case != through.Direct))
                    rows.Add(new CallRow(through.Direct, direct));
                rows.Add(new CallRow(through, routed) { Beside = direct });
            }
        }

        return new CallReport(rows);
    }

    private static async Task<Round> OnceAsync(
        CallCase what, Echo echo, GatewayProcess gateway, string? authorization, double seconds, CancellationToken cancellationToken)
    {
        bool modernClient = what.Pair is "Modern" or "Modern to Legacy";
        string tool = what.ViaGateway ? Name(echo.Kind) + "_echo" : "echo";
        Uri url = what.ViaGateway ? gateway.Url : echo.Url;
        await Handshake.CheckAsync(url, tool, modernClient, authorization, cancellationToken);
        List<string>? sessions = modernClient ? null : [];
        for (int i = 0; sessions is not null && i < what.Clients; i++)
            sessions.Add(await Handshake.OpenAsync(url, authorization, cancellationToken));
        (double User, double Kernel) cpu = gateway.Process.Cpu(), backend = echo.Process.Cpu();
        LoadResult load = await Wrk.RunAsync(
            url, tool, sessions, what.Clients, what.Payload, seconds, authorization, cancellationToken);
        (double User, double Kernel) after = gateway.Process.Cpu(), backendAfter = echo.Process.Cpu();
        double each = 1e6 / Math.Max(1, load.Requests);
        return new Round(
            load.PerSecond, load.P50, load.P99,
            what.ViaGateway ? (after.User - cpu.User) * each : double.NaN,
            what.ViaGateway ? (after.Kernel - cpu.Kernel) * each : double.NaN,
            (backendAfter.User + backendAfter.Kernel - backend.User - backend.Kernel) * each,
            what.ViaGateway ? gateway.Process.ResidentMb() : double.NaN, load.Errors);
    }

    private static string Name(string kind) => kind switch { "legacy-sse" => "events", _ => kind };

    // With many backends each of the three kinds stands there many times; the calls go to the first of a kind.
    private static string Configuration(int backends, string auth, TestAuthorizationServer idp, params Echo[] echoes)
    {
        List<(string, Uri)> all = [.. echoes.Select(e => (Name(e.Kind), e.Url))];
        for (int i = 1; all.Count < backends; i++)
            all.Add(($"{Name(echoes[i % 3].Kind)}{i}", echoes[i % 3].Url));
        return auth switch
        {
            "header" => Configurations.Of(all, outgoing: "{type: header_injection, headerInjection: {headerName: X-Api-Key, headerValue: bench-key}}"),
            "exchange" => Configurations.Of(
                all, $"{{type: oidc, oidc: {{issuer: \"{idp.Issuer.OriginalString}\", audience: bench, jwksAllowPrivateIp: true, insecureAllowHttp: true}}}}",
                $"{{type: token_exchange, tokenExchange: {{tokenUrl: \"{idp.TokenUrl}\", clientId: bench, clientSecret: {ClientSecret}, audience: echo}}}}"),
            _ => Configurations.Of(all),
        };
    }
}
