using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Vmcp.Core.Status;
using Vmcp.Discovery.Members;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Discovery.Reporting;

/// <summary>One time as the replica that reports: from taking the lead to losing it.</summary>
/// <param name="cluster">The API server.</param>
/// <param name="options">Where to report, and how often.</param>
/// <param name="facts">What the resources say of a backend.</param>
/// <param name="picture">The gateway's picture of now.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it tells of itself.</param>
internal sealed partial class ReportTerm(
    ICluster cluster, RuntimeStatusOptions options, Func<string, BackendFacts?> facts, Func<StatusReport> picture, TimeProvider time, ILogger logger)
{
    private readonly ReportPace _pace = new(options, time);
    private KubeObject? _stored;
    private long? _readAt;
    private BackendStatusPlan? _agreed;
    private (BackendStatusPlan Plan, JsonObject Half)? _futile;
    private readonly HashSet<string> _unknown = new(StringComparer.Ordinal);
    private string? _trouble;

    /// <summary>Looks at the picture and writes what differs, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await LookAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(options.Look, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (!_pace.MayAsk)
            return;
        using CancellationTokenSource limit = new(options.RequestLimit, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            StatusReport report = picture();
            if (report.Source is { Synced: true })
                await SayAsync(report, either.Token).ConfigureAwait(false);
        }
        catch (KubeException e) when (HasLearned(e))
        {
            // The next look says it in fewer words.
            _readAt = null;
        }
        catch (KubeException e)
        {
            Failed(e.Message, e.IsTransient, e.RetryAfter);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Failed($"the API server does not answer in {options.RequestLimit.TotalSeconds:0} s", mayHealItself: true);
        }
#pragma warning disable CA1031 // A picture that cannot be told must not end the telling of the next one.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            logger.ReportThrew(e, options.Server);
            Failed("it could not be worked out", mayHealItself: false);
        }
    }

    private async Task SayAsync(StatusReport report, CancellationToken cancellationToken)
    {
        BackendStatusPlan plan = RuntimeReport.Of(report, facts, time.GetUtcNow());
        if (_readAt is not { } read || time.GetElapsedTime(read) >= options.Recheck)
            await ReadAsync(cancellationToken).ConfigureAwait(false);
        if (_stored is not { Meta.DeletionTimestamp: null } stored)
            return;
        bool agrees = _agreed?.SameAs(plan) == true;
        if (agrees && !_pace.HeartbeatDue)
            return;

        JsonObject body = RuntimeHalf.Body(stored, plan, Generation(stored), time.GetUtcNow());
        Shorten(body);
        if (agrees || !RuntimeHalf.Differs(body, stored) || IsFutile(plan, stored))
        {
            _agreed = plan;
            Agrees();
            if (!_pace.HeartbeatDue)
                return;
            if (!RuntimeHalf.Ticked(body, stored))
            {
                _pace.Beat();
                return;
            }
        }
        else if (!_pace.MayWrite(RuntimeReport.IsSettled(report, facts)))
        {
            return;
        }

        await WriteAsync(stored, plan, body, cancellationToken).ConfigureAwait(false);
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        _stored = await cluster.GetAsync(ToolHive.VirtualMCPServer, options.Server, cancellationToken).ConfigureAwait(false);
        _readAt = time.GetTimestamp();
        _agreed = null;
        if (_stored is null)
            Trouble("it does not exist");
    }

    private async Task WriteAsync(KubeObject stored, BackendStatusPlan plan, JsonObject body, CancellationToken cancellationToken)
    {
        (_stored, _) = await RuntimeWrites.ApplyAsync(cluster, stored, body, cancellationToken).ConfigureAwait(false);
        _readAt = time.GetTimestamp();
        _agreed = plan;
        _pace.Wrote();
        Agrees();
        logger.Reported(options.Server, plan.BackendCount, plan.Backends.Length);
        bool kept = !RuntimeHalf.Differs(body, _stored);
        if (!kept && _futile is null)
            logger.NotKept(options.Server, "it drops some");
        _futile = kept ? null : (plan, RuntimeHalf.Of(_stored));
    }

    // A definition of before does not declare all we say of a backend, and the server then refuses all of it (500).
    private bool HasLearned(KubeException e)
    {
        string[] news = [.. Undeclared().Matches(e.Message).Select(m => m.Groups[1].Value).Where(RuntimeHalf.Details.Contains).Where(_unknown.Add)];
        if (news.Length > 0)
            logger.NotKept(options.Server, $"it does not know {string.Join(", ", news)}");
        return news.Length > 0;
    }

    private void Shorten(JsonObject body)
    {
        foreach (JsonNode? backend in _unknown.Count == 0 ? [] : body["status"]![RuntimeHalf.BackendList] as JsonArray ?? [])
        {
            foreach (string field in _unknown)
                backend!.AsObject().Remove(field);
        }
    }

    [GeneratedRegex(@"\.(\w+): field not declared in schema")]
    private static partial Regex Undeclared();

    // A server that drops a field it does not know (an older CRD) must not be told the same forever.
    private bool IsFutile(BackendStatusPlan plan, KubeObject stored) =>
        _futile is { } futile && futile.Plan.SameAs(plan) && JsonNode.DeepEquals(futile.Half, RuntimeHalf.Of(stored));

    // The spec may have been edited a moment ago; what the operator has not taken up yet our words are not about.
    private static long Generation(KubeObject stored) =>
        stored.At("status", "observedGeneration") is { ValueKind: System.Text.Json.JsonValueKind.Number } seen ? seen.GetInt64() : stored.Meta.Generation;

    private void Agrees()
    {
        _pace.Agrees();
        if (_trouble is not null)
            logger.ReportedAgain(options.Server);
        _trouble = null;
    }

    private void Failed(string reason, bool mayHealItself, TimeSpan? atLeast = null)
    {
        // Whether it was stored is not known: look before the next write.
        _readAt = null;
        _pace.Failed(mayHealItself, atLeast);
        Trouble(reason);
    }

    private void Trouble(string reason)
    {
        if (_trouble != reason)
            logger.NotReported(options.Server, reason);
        _trouble = reason;
    }
}
