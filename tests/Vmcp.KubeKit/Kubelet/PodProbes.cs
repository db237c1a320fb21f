namespace Vmcp.KubeKit.Kubelet;

/// <summary>The probes of one running container: startup first, then readiness and liveness side by side.</summary>
internal sealed class PodProbes(PodSpec spec, int speed, HttpClient http, PodStatus status)
{
    /// <summary>Follows them until cancelled, or ends with why the container must be started again.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        if (spec.Probe("startupProbe", speed) is { } startup && !await PassesAsync(startup, cancellationToken))
            return "the startup probe failed";
        await status.ShowAsync(p => p with { Started = true });
        Task<string> liveness = StayAliveAsync(spec.Probe("livenessProbe", speed), cancellationToken);
        Task readiness = FollowReadinessAsync(spec.Probe("readinessProbe", speed), cancellationToken);
        await Task.WhenAny(liveness, readiness);
        cancellationToken.ThrowIfCancellationRequested();
        if (readiness.IsFaulted)
            await readiness;
        return await liveness;
    }

    private async Task<bool> PassesAsync(ProbeSpec probe, CancellationToken cancellationToken)
    {
        for (int failures = 0; failures < probe.Failures; failures++)
        {
            if (await probe.AskAsync(http, status.Picture.Address, cancellationToken))
                return true;
            await Task.Delay(probe.Period, cancellationToken);
        }

        return false;
    }

    private async Task<string> StayAliveAsync(ProbeSpec? probe, CancellationToken cancellationToken)
    {
        if (probe is null)
            await Task.Delay(Timeout.Infinite, cancellationToken);
        for (int failures = 0; failures < probe!.Failures;)
        {
            failures = await probe.AskAsync(http, status.Picture.Address, cancellationToken) ? 0 : failures + 1;
            await Task.Delay(probe.Period, cancellationToken);
        }

        return "the liveness probe failed";
    }

    private async Task FollowReadinessAsync(ProbeSpec? probe, CancellationToken cancellationToken)
    {
        for (int failures = 0; ;)
        {
            bool answered = probe is null || await probe.AskAsync(http, status.Picture.Address, cancellationToken);
            failures = answered ? 0 : failures + 1;
            if (answered != status.Picture.Ready && (answered || failures >= probe!.Failures))
                await status.ShowAsync(p => answered ? p with { Ready = true, ReadyChanged = DateTimeOffset.UtcNow } : PodStatus.NotReady(p));
            await Task.Delay(probe?.Period ?? Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }
}
