using System.Text.Json;

using Vmcp.Cli.Status;
using Vmcp.Cli.Terminals;

namespace Vmcp.Cli.Explaining;

/// <summary>What a command line asked to explain, and of whom.</summary>
internal sealed record ExplainRequest
{
    /// <summary>The tool.</summary>
    public required string Tool { get; init; }

    /// <summary><c>--server</c>: a running gateway.</summary>
    public string? Server { get; init; }

    /// <summary>JSON instead of text.</summary>
    public bool Json { get; init; }
}

/// <summary>Runs <c>vmcp explain</c>.</summary>
internal static class ExplainRun
{
    /// <summary>The exit code of a wrong command line and of a question without an answer.</summary>
    public const int NotKnown = 2;

    /// <summary>Explains; returns the exit code.</summary>
    public static async Task<int> RunAsync(ExplainRequest request, Terminal terminal, CancellationToken cancellationToken)
    {
        (Evidence? evidence, string problem) = await FromGatewayAsync(request.Server ?? GatewayAddress.Default, cancellationToken).ConfigureAwait(false);
        if (evidence is null)
        {
            terminal.Fail(problem);
            return NotKnown;
        }

        Explanation explanation = Explainer.Explain(request.Tool, evidence);
        if (request.Json)
            await terminal.Out.WriteLineAsync(ExplanationJson.Write(explanation)).ConfigureAwait(false);
        else
            ExplanationText.Write(explanation, terminal);
        return explanation.ExitCode;
    }

    private static async Task<(Evidence? Evidence, string Problem)> FromGatewayAsync(string address, CancellationToken cancellationToken)
    {
        if (StatusClient.ParseAddress(address) is not { } gateway)
            return (null, $"\"{address}\" is not the address of a gateway; write for example {GatewayAddress.Default}");
        using StatusClient client = new(gateway);
        (JsonDocument? catalog, int? status, string problem) = await client.AskAsync("api/catalog", cancellationToken).ConfigureAwait(false);
        string? hidden = null;
        if (catalog is null && status is 403 or 404)
        {
            hidden = status == 403
                ? $"{gateway} does not show callers from elsewhere what its backends list: ask on its own machine, or through kubectl port-forward"
                : $"{gateway} does not know /api/catalog: it is an older vmcp, or something before it hides that path";
            (catalog, problem) = await client.GetAsync("status", cancellationToken).ConfigureAwait(false);
        }

        if (catalog is null)
            return (null, problem);
        using (catalog)
            return GatewayEvidence.Read(catalog.RootElement, hidden) is { } evidence ? (evidence, "") : (null, $"{gateway} answered, but not as a vmcp does");
    }
}
