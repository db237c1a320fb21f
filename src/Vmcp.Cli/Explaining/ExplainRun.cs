using System.Text.Json;

using Vmcp.Cli.Clusters;
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

    /// <summary><c>--filename</c>: a directory of manifests, or a configuration file.</summary>
    public string? Path { get; init; }

    /// <summary><c>--group</c>: the group of that directory.</summary>
    public string? Group { get; init; }

    /// <summary><c>--name</c>: a VirtualMCPServer in a cluster.</summary>
    public string? Name { get; init; }

    /// <summary><c>--namespace</c>: where it, or the group of the directory, is.</summary>
    public string? Namespace { get; init; }

    /// <summary><c>--kubeconfig</c>.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary><c>--context</c>.</summary>
    public string? Context { get; init; }

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
        (Evidence? evidence, IReadOnlyList<string> problems) = await GatherAsync(request, terminal, cancellationToken).ConfigureAwait(false);
        if (evidence is null)
        {
            terminal.Fail(problems);
            return NotKnown;
        }

        Explanation explanation = Explainer.Explain(request.Tool, evidence);
        if (request.Json)
            await terminal.Out.WriteLineAsync(ExplanationJson.Write(explanation)).ConfigureAwait(false);
        else
            ExplanationText.Write(explanation, terminal);
        return explanation.ExitCode;
    }

    private static async Task<(Evidence? Evidence, IReadOnlyList<string> Problems)> GatherAsync(
        ExplainRequest request, Terminal terminal, CancellationToken cancellationToken)
    {
        if (Contradiction(request) is { } wrong)
            return (null, [wrong]);
        if (request.Path is { } path)
            return await OfflineEvidence.ReadAsync(path, request.Namespace, request.Group, terminal.Env, cancellationToken).ConfigureAwait(false);
        if (request.Name is { } name)
            return await FromClusterAsync(request, name, terminal, cancellationToken).ConfigureAwait(false);
        (Evidence? evidence, string problem) = await FromGatewayAsync(request.Server ?? GatewayAddress.Default, cancellationToken).ConfigureAwait(false);
        return (evidence, [problem]);
    }

    private static string? Contradiction(ExplainRequest request) => request switch
    {
        { Server: not null, Path: not null } or { Server: not null, Name: not null } or { Path: not null, Name: not null } =>
            "--server, --filename and --name exclude each other: each names one gateway",
        { Name: null, Path: null, Namespace: not null } => "--namespace needs --name, the VirtualMCPServer that is meant",
        { Name: null, Kubeconfig: not null } or { Name: null, Context: not null } => "--kubeconfig and --context need --name, the VirtualMCPServer that is meant",
        { Path: null, Group: not null } => "--group needs --filename: it says which group of a directory is meant",
        _ => null,
    };

    private static async Task<(Evidence?, IReadOnlyList<string>)> FromClusterAsync(
        ExplainRequest request, string name, Terminal terminal, CancellationToken cancellationToken)
    {
        try
        {
            using ClusterAccess access = ClusterAccess.Open(new ClusterChoice(request.Kubeconfig, request.Context, request.Namespace), terminal);
            return (await ClusterEvidence.ReadAsync(access, name, cancellationToken).ConfigureAwait(false), []);
        }
        catch (ClusterProblem e)
        {
            return (null, [e.Message]);
        }
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
