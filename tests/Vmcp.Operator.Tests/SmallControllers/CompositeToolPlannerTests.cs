using Vmcp.Operator.SmallControllers;
using Vmcp.Resources;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Tests.SmallControllers;

public sealed class CompositeToolPlannerTests
{
    private const string Good = """
        name: deploy
        description: Deploys
        timeout: 1m
        parameters: {type: object, properties: {env: {type: string}}}
        steps:
        - {id: build, type: tool, tool: ci.build, arguments: {env: '{{.params.env}}', deep: {none: null}}}
        - {id: ask, type: elicitation, dependsOn: [build], message: 'Go?', schema: {type: object, properties: {}}}
        - {id: ship, type: tool, tool: ci.ship, dependsOn: [ask], onError: {action: retry, retryCount: 2, retryDelay: 1s}}
        output: {properties: {id: {type: string, description: The id, value: '{{.steps.ship.output.id}}'}}}
        """;

    [Fact]
    public void A_good_workflow_is_valid_and_names_who_uses_it()
    {
        SmallPlan plan = Plan(Good, new ConfigFacts { Referrers = [new("VirtualMCPServer", "ops"), new("VirtualMCPServer", "eng"), new("Other", "x")] });

        plan.StatusFields.ToJsonString().ShouldBe(
            """{"observedGeneration":7,"referencingVirtualServers":["eng","ops"],"validationErrors":[],"validationStatus":"Valid"}""");
        plan.Conditions.Select(c => $"{c.Type}={c.Status}/{c.Reason}").ShouldBe(["Ready=True/WorkflowReady", "WorkflowValidated=True/ValidationSuccess"]);
        plan.Finalizers.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("description: d\nsteps: [{id: a, tool: t}]", "ValidationFailed", "spec.name: must not be empty")]
    [InlineData("name: n\nsteps: [{id: a, tool: t}]", "ValidationFailed", "spec.description: required")]
    [InlineData("name: n\ndescription: d", "ValidationFailed", "spec.steps: at least one step")]
    [InlineData("name: n\ndescription: d\ntimeout: -1s\nsteps: [{id: a, tool: t}]", "ValidationFailed", "spec.timeout: ")]
    [InlineData("name: n\ndescription: d\nparameters: {properties: {}}\nsteps: [{id: a, tool: t}]", "SchemaInvalid", "spec.parameters.type: required")]
    [InlineData("name: n\ndescription: d\nparameters: {type: array}\nsteps: [{id: a, tool: t}]", "SchemaInvalid", "spec.parameters.type: must be \"object\"")]
    [InlineData("name: n\ndescription: d\nparameters: {type: object, properties: 1}\nsteps: [{id: a, tool: t}]", "SchemaInvalid", "invalid JSON Schema")]
    [InlineData("name: n\ndescription: d\nsteps: [{tool: t}]", "ValidationFailed", "spec.steps[0].id: must not be empty")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, tool: t}, {id: a, tool: t}]", "ValidationFailed", "spec.steps[1].id: duplicate step id \"a\"")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, tool: t, message: m}]", "ValidationFailed", "spec.steps[0]: has both tool and message")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, type: shell}]", "ValidationFailed", "spec.steps[0].type: ")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, type: tool}]", "ValidationFailed", "spec.steps[0].tool: ")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, tool: '-x'}]", "ValidationFailed", "is not a valid tool name")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, type: elicitation, schema: {type: object}}]", "ValidationFailed", "spec.steps[0].message: ")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, type: forEach, collection: '{{.x}}', tool: t, step: {tool: t}}]", "ValidationFailed", "a forEach has its tool in step")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, type: forEach, step: {tool: t}}]", "ValidationFailed", "spec.steps[0].collection: ")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, type: forEach, collection: '{{.x}}'}]", "ValidationFailed", "spec.steps[0].step: required")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, type: forEach, collection: '{{.x}}', step: {type: elicitation, tool: t}}]", "ValidationFailed", "spec.steps[0].step.type: must be tool")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, type: forEach, collection: '{{.x}}', itemVar: index, step: {tool: t}}]", "ValidationFailed", "is not an identifier other than index")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, type: forEach, collection: '{{.x}}', maxParallel: 51, step: {tool: t}}]", "ValidationFailed", "spec.steps[0].maxParallel: ")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, type: forEach, collection: '{{.x}}', maxIterations: 1001, step: {tool: t}}]", "ValidationFailed", "spec.steps[0].maxIterations: ")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, tool: t, condition: '{{.x'}]", "TemplateInvalid", "spec.steps[0].condition: invalid template")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, tool: t, dependsOn: [b]}]", "ValidationFailed", "spec.steps[0].dependsOn[0]: unknown step \"b\"")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, tool: t, dependsOn: [b]}, {id: b, tool: t, dependsOn: [a]}]", "DependencyCycle", "dependency cycle")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, tool: t, onError: {action: retry}}]", "ValidationFailed", "spec.steps[0].onError.retryCount: must be at least 1")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, tool: t, onError: {action: panic}}]", "ValidationFailed", "spec.steps[0].onError.action: ")]
    [InlineData("name: n\ndescription: d\nsteps: [{id: a, tool: t, condition: 'true'}, {id: b, tool: t, arguments: {x: '{{.steps.a.output.y}}'}}]", "ValidationFailed", "spec.steps[0].defaultResults.y: required")]
    public void A_bad_workflow_is_refused_with_the_path_in_its_spec(string spec, string reason, string said)
    {
        SmallPlan plan = Plan(spec, ConfigFacts.Unused);

        plan.StatusFields["validationStatus"]!.GetValue<string>().ShouldBe("Invalid");
        string[] errors = [.. plan.StatusFields["validationErrors"]!.AsArray().Select(e => e!.GetValue<string>())];
        errors.ShouldContain(e => e.Contains(said, StringComparison.Ordinal), string.Join("\n", errors));
        errors.ShouldAllBe(e => e.StartsWith("spec", StringComparison.Ordinal));
        PlannedCondition validated = plan.Condition("WorkflowValidated").ShouldNotBeNull();
        (validated.Status, validated.Reason).ShouldBe(("False", reason));
        plan.Condition("Ready").ShouldNotBeNull().Reason.ShouldBe("WorkflowNotReady");
    }

    [Fact]
    public void Reasons_that_differ_become_one()
    {
        SmallPlan plan = Plan("name: n\ndescription: d\nparameters: {type: array}\nsteps: [{id: a, tool: t, condition: '{{.x'}]", ConfigFacts.Unused);

        plan.StatusFields["validationErrors"]!.AsArray().Count.ShouldBe(2);
        plan.Condition("WorkflowValidated")!.Reason.ShouldBe("ValidationFailed");
    }

    private static SmallPlan Plan(string spec, ConfigFacts facts) =>
        CompositeToolPlanner.Plan(Given.Object(ResourcesJson.Default.VirtualMCPCompositeToolDefinition, spec), facts);
}
