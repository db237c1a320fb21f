using Vmcp.Operator.Planning.Switching;

namespace Vmcp.Operator.Planning.Status;

/// <summary>What the pods are together.</summary>
internal enum PodMix
{
    /// <summary>There are none.</summary>
    None,

    /// <summary>None is ready yet.</summary>
    Starting,

    /// <summary>None is ready, and something keeps one from it.</summary>
    Failing,

    /// <summary>At least one is ready.</summary>
    Ready,

    /// <summary>At least one is ready, but one of the current template cannot start.</summary>
    Stuck,
}

/// <summary>The pods of a server, as far as its phase depends on them.</summary>
/// <param name="Mix">What they are together.</param>
/// <param name="Message">A sentence about them.</param>
internal sealed record PodsPicture(PodMix Mix, string Message)
{
    /// <summary>
    /// Ready pods of an older template keep the server ready during a rollout; a pod that cannot start shows all the same (operator.md 5.2:
    /// the original counts it as pending and so never says that a rollout failed).
    /// </summary>
    public static PodsPicture Of(IReadOnlyList<PodFacts> pods, Rollout rollout, string wantedHash)
    {
        int ready = pods.Count(p => p.Ready);
        string? trouble = pods.FirstOrDefault(p => p.Trouble is not null)?.Trouble ?? rollout.Trouble;
        if (ready == 0)
        {
            if (trouble is not null)
                return new PodsPicture(PodMix.Failing, $"No pod is ready: {trouble}");
            int starting = pods.Count(p => !p.Terminating && !p.Finished);
            if (starting > 0)
                return new PodsPicture(PodMix.Starting, $"{(starting == 1 ? "1 pod is" : $"{starting} pods are")} starting, none is ready yet");
            return new PodsPicture(PodMix.None, rollout is { Exists: true, Replicas: 0 } ? "Scaled to 0 pods" : "No pods yet");
        }

        // A finished pod is litter of an eviction once others do its work; one of an older template is on its way out.
        string? stuck = pods.FirstOrDefault(p => p is { Trouble: not null, Finished: false } && p.TemplateHash == wantedHash)?.Trouble ?? rollout.Trouble;
        return stuck is null
            ? new PodsPicture(PodMix.Ready, $"{(ready == 1 ? "1 pod is" : $"{ready} pods are")} ready")
            : new PodsPicture(PodMix.Stuck, $"{(ready == 1 ? "1 pod is" : $"{ready} pods are")} ready, but {stuck}");
    }
}
