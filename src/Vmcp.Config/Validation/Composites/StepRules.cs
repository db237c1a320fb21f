using System.Text.Json;
using System.Text.RegularExpressions;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Values;
using Vmcp.Core.Values;

namespace Vmcp.Config.Validation;

/// <summary>The steps of a workflow.</summary>
internal static partial class StepRules
{
    public static void Check(EquatableArray<StepConfig> steps, string path, ProblemList problems)
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        for (int i = 0; i < steps.Count; i++)
        {
            string at = $"{path}[{i}]";
            if (Ensure.Required(steps[i].Id, $"{at}.id", "required: the step's id", problems) && !ids.TryAdd(steps[i].Id!, i))
                problems.Error($"{at}.id", $"duplicate step id \"{steps[i].Id}\", already at {path}[{ids[steps[i].Id!]}]");
            CheckStep(steps[i], at, problems);
        }

        CheckDependencies(steps, ids, path, problems);
    }

    private static void CheckStep(StepConfig step, string at, ProblemList problems)
    {
        bool kindIsUnknown = problems.Source.IsUnreadable($"{at}.type");
        if (!kindIsUnknown)
            CheckKind(step, at, problems);
        TemplateForm.Check(step.Condition, $"{at}.condition", problems);
        TemplateForm.Check(step.Message, $"{at}.message", problems);
        CheckArguments(step.Arguments, $"{at}.arguments", problems);
        if (step.OnError is { } onError)
        {
            if (onError.Action == StepErrorAction.Retry && (onError.RetryCount ?? 0) < 1)
                problems.Error($"{at}.onError.retryCount", "must be at least 1 for retry");
            else
                Ensure.Range(onError.RetryCount, 0, int.MaxValue, $"{at}.onError.retryCount", problems);
        }

        if (step.OnDecline is { Action: null })
            problems.Error($"{at}.onDecline.action", "required: one of abort, continue, skip_remaining");
        if (step.OnCancel is { Action: null })
            problems.Error($"{at}.onCancel.action", "required: one of abort, continue, skip_remaining");
    }

    private static void CheckKind(StepConfig step, string at, ProblemList problems)
    {
        if (step.Type is null && step.Tool is not null && step.Message is not null)
            problems.Error(at, "has both tool and message", "write type: tool or type: elicitation");
        else if (step.EffectiveType == StepType.Elicitation)
            CheckElicitation(step, at, problems);
        else if (step.EffectiveType == StepType.ForEach)
            CheckForEach(step, at, problems);
        else
            CheckTool(step, at, problems);
    }

    private static void CheckTool(StepConfig step, string at, ProblemList problems)
    {
        if (Ensure.Required(step.Tool, $"{at}.tool", "required: a tool step calls a tool", problems) && !ToolReference().IsMatch(step.Tool!))
            problems.Error($"{at}.tool", $"\"{step.Tool}\" is not a valid tool name");
        if (step.Collection is not null || step.Step is not null)
            problems.Error(at, "collection and step belong to type: forEach");
    }

    private static void CheckElicitation(StepConfig step, string at, ProblemList problems)
    {
        Ensure.Required(step.Message, $"{at}.message", "required: an elicitation asks a question", problems);
        if (step.Schema is null || step.Schema.Json == "{}")
            problems.Error($"{at}.schema", "required: the form of the answer", "write for example {type: object, properties: {}}");
        else
            JsonSchemaForm.Check(step.Schema.Element, $"{at}.schema", problems);
        if (step.Tool is not null)
            problems.Error($"{at}.tool", "an elicitation calls no tool");
    }

    private static void CheckForEach(StepConfig step, string at, ProblemList problems)
    {
        if (step.Tool is not null)
            problems.Error($"{at}.tool", "a forEach has its tool in step");
        if (step.Message is not null)
            problems.Error($"{at}.message", "a forEach asks nothing");
        if (Ensure.Required(step.Collection, $"{at}.collection", "required: a template of the list", problems))
            TemplateForm.Check(step.Collection, $"{at}.collection", problems);
        if (step.ItemVar is not null && (!Identifier().IsMatch(step.ItemVar) || step.ItemVar == "index"))
            problems.Error($"{at}.itemVar", $"\"{step.ItemVar}\" is not an identifier other than index");
        Ensure.Range(step.MaxParallel, 0, 50, $"{at}.maxParallel", problems);
        Ensure.Range(step.MaxIterations, 0, 1000, $"{at}.maxIterations", problems);
        if (step.Step is not { } inner)
        {
            problems.Error($"{at}.step", "required: the step done per item");
            return;
        }

        string innerAt = $"{at}.step";
        Ensure.Required(inner.Id, $"{innerAt}.id", "required: the step's id", problems);
        if (problems.Source.IsUnreadable($"{innerAt}.type") || inner.EffectiveType != StepType.Tool)
            problems.Error($"{innerAt}.type", "must be tool");
        else
            CheckTool(inner, innerAt, problems);
        CheckArguments(inner.Arguments, $"{innerAt}.arguments", problems);
        if (inner.Condition is not null || inner.Timeout is not null || inner.DependsOn.Count > 0 || inner.DefaultResults is not null)
            problems.Warn(innerAt, "condition, timeout, dependsOn and defaultResults have no effect here", "write them on the forEach itself");
    }

    private static void CheckArguments(FreeValue? arguments, string at, ProblemList problems)
    {
        if (arguments is null)
            return;
        foreach (JsonProperty argument in arguments.Element.EnumerateObject())
        {
            if (argument.Value.ValueKind == JsonValueKind.String)
                TemplateForm.Check(argument.Value.GetString(), $"{at}.{argument.Name}", problems);
        }
    }

    private static void CheckDependencies(EquatableArray<StepConfig> steps, Dictionary<string, int> ids, string path, ProblemList problems)
    {
        for (int i = 0; i < steps.Count; i++)
        {
            for (int d = 0; d < steps[i].DependsOn.Count; d++)
            {
                string id = steps[i].DependsOn[d];
                if (!ids.ContainsKey(id))
                    problems.Error($"{path}[{i}].dependsOn[{d}]", $"unknown step \"{id}\"", ids.Count == 0 ? null : NearMatch.Remedy(id, ids.Keys, "steps"));
            }
        }

        // A step that reaches itself is in a cycle; one that only leads there is not reported.
        foreach ((string id, int index) in ids)
        {
            if (Reaches(index, index, steps, ids))
                problems.Error($"{path}[{index}].dependsOn", $"dependency cycle involving \"{id}\"");
        }
    }

    private static bool Reaches(int from, int goal, EquatableArray<StepConfig> steps, Dictionary<string, int> ids)
    {
        HashSet<int> seen = [];
        Stack<int> open = new([from]);
        while (open.TryPop(out int at))
        {
            foreach (string id in steps[at].DependsOn)
            {
                if (!ids.TryGetValue(id, out int next))
                    continue;
                if (next == goal)
                    return true;
                if (seen.Add(next))
                    open.Push(next);
            }
        }

        return false;
    }

    [GeneratedRegex(@"^[a-zA-Z0-9][a-zA-Z0-9._-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ToolReference();

    [GeneratedRegex(@"^[a-zA-Z_][a-zA-Z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Identifier();
}
