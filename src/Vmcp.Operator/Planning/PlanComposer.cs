using System.Collections.Immutable;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning.Objects;
using Vmcp.Operator.Planning.Status;
using Vmcp.Operator.Planning.Switching;
using Vmcp.Operator.Planning.Templates;
using Vmcp.Operator.Settings;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Planning;

/// <summary>Joins findings and live state into a plan: first whether anything is written, then children, then status.</summary>
internal static class PlanComposer
{
    /// <summary>How soon a switch is looked at again, in case an end of a pod went unseen.</summary>
    private static readonly TimeSpan SwitchRecheck = TimeSpan.FromSeconds(15);

    /// <summary>How soon a name that is about to become free is looked at again.</summary>
    private static readonly TimeSpan ConflictRecheck = TimeSpan.FromSeconds(10);

    /// <summary>How soon the cluster's public keys are looked at again; no watch tells that they were rotated.</summary>
    private static readonly TimeSpan KeysRecheck = TimeSpan.FromMinutes(3);

    private static readonly GatewayDocument NoDocument = new() { ConfigYaml = "" };

    public static ServerPlan Compose(VirtualMCPServer server, World world, OperatorSettings settings, Findings findings)
    {
        OwnedChildren owned = new(world.Live, server.Metadata.Uid);
        IReadOnlyList<PodFacts> pods = PodFacts.All(world.Live.Pods);
        (var patch, string? patchProblem) = ChildInputs.PodTemplatePatch(server);
        ChildInput input = ChildInputs.Of(server, findings.Document ?? NoDocument, settings) with { PodTemplatePatch = patch };
        DeploymentPlan deployment = DeploymentObject.Of(input);
        IReadOnlyList<string> problems = patchProblem is null ? deployment.Problems : [patchProblem];
        KubeObject? live = owned.Find(BuiltIn.Deployment, ChildNames.Deployment(server.Key.Name));
        List<PlannedCondition> conditions = [.. findings.Conditions];
        List<PlannedEvent> events = [.. findings.Events];
        Halt? halt = findings.Halt;
        if (problems.Count > 0)
        {
            conditions.Add(TemplateVerdict.Condition(problems));
            events.Add(TemplateVerdict.Event(problems));
            if (halt is not { RecheckAfter: null })
                halt = TemplateVerdict.Halt(problems);
        }
        else if (patch is not null)
        {
            conditions.Add(TemplateVerdict.Valid);
        }

        Sketch sketch = new(server, world, findings, owned, pods, input);
        if (halt is null && server.Metadata.DeletionTimestamp is not null)
            halt = new Halt(Phases.Pending, "Deleting", "Being deleted; its objects go with it by garbage collection");
        if (halt is not null || deployment.Deployment is null || findings.Document is null)
        {
            halt ??= new Halt(Phases.Failed, "NoDocument", "The gateway's configuration could not be made");
            return Held(sketch, Rollout.Of(live, null), halt, conditions, events);
        }

        Rollout rollout = Rollout.Of(live, deployment.TemplateHash);
        AccessPlan access = AccessPlan.Of(input, owned, rollout, pods);
        ImmutableArray<DesiredObject> objects = ChildSet.InOrder(input, access, deployment.Deployment);
        if (NameConflict.Find(server.Key, objects, owned) is { } conflict)
        {
            conditions.Add(conflict.Condition);
            events.Add(new PlannedEvent(Warning: true, NameConflict.Type, "ApplyChildren", conflict.Message));
            Halt taken = new(
                conflict.Passing ? Phases.Pending : Phases.Failed, NameConflict.Type, conflict.Message, conflict.Passing ? ConflictRecheck : null);
            return Held(sketch, Rollout.Of(live, null), taken, conditions, events);
        }

        PlannedCondition transition = ModeTransition.Of(input, owned, rollout, pods);
        events.AddRange(ChildEvents.Of(input, owned, rollout));
        conditions.Add(transition);
        BackendStatusPlan? backends = sketch.Backends(input.Mode);
        PhaseVerdict verdict = PhaseRules.Decide(
            PodsPicture.Of(pods, rollout, deployment.TemplateHash), sketch.Tally(input.Mode));
        conditions.Add(verdict.Condition);
        return new ServerPlan
        {
            Outcome = PlanOutcome.Apply,
            Objects = objects,
            Removals = ChildSet.Removals(input, access, owned),
            Status = sketch.Status(verdict, input.Mode, conditions, backends),
            Events = [.. events],
            LeftOut = sketch.LeftOut,
            RecheckAfter = transition.Status == "True" ? SwitchRecheck : findings.Document.OidcKeys is not null ? KeysRecheck : null,
        };
    }

    private static ServerPlan Held(
        Sketch sketch, Rollout rollout, Halt halt, List<PlannedCondition> conditions, List<PlannedEvent> events)
    {
        // What runs keeps running, so the mode is the running one whatever the spec asks for.
        string mode = rollout.Mode ?? sketch.Input.Mode;
        PhaseVerdict verdict = new(halt.Phase, halt.Reason, halt.Message);
        if (rollout.Exists)
            conditions.Add(ModeTransition.Of(sketch.Input with { Mode = mode }, sketch.Owned, rollout, sketch.Pods));
        conditions.Add(verdict.Condition);
        return new ServerPlan
        {
            Outcome = PlanOutcome.Hold,
            Status = sketch.Status(verdict, mode, conditions, sketch.Backends(mode)),
            Events = [.. events],
            LeftOut = sketch.LeftOut,
            RecheckAfter = halt.RecheckAfter,
        };
    }
}
