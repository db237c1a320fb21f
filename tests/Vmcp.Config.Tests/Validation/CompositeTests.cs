namespace Vmcp.Config.Tests.Validation;

public sealed class CompositeTests
{
    public const string Good = """
        backends: [{name: a, url: 'http://a/mcp'}]
        compositeTools:
          - name: report
            description: Makes a report
            failureMode: abort
            timeout: 10m
            parameters: {type: object, properties: {org: {type: string, default: x}}, required: [org]}
            annotations: {title: Report, readOnlyHint: true}
            steps:
              - id: list
                tool: a_list_repos
                arguments: {org: '{{.params.org}}', deep: {n: 1}}
                onError: {action: retry, retryCount: 2, retryDelay: 1s}
              - id: ask
                type: elicitation
                message: 'Go on with {{.steps.list.output.count}}?'
                schema: {type: object, properties: {note: {type: string}}}
                dependsOn: [list]
                condition: '{{ if eq .params.org "x }}" }}true{{ else }}false{{ end }}'
                onDecline: {action: skip_remaining}
                onCancel: {action: abort}
                defaultResults: {content: {note: none}}
              - id: each
                type: forEach
                collection: '{{json .steps.list.output.repositories}}'
                itemVar: repo
                maxParallel: 3
                step: {id: one, tool: a_scan, arguments: {name: '{{.forEach.repo.name}}'}}
                dependsOn: [ask]
            output:
              properties:
                note: {type: string, description: What the user said, value: '{{.steps.ask.output.content.note}}', default: ''}
                all: {type: object, description: Everything, properties: {n: {type: integer, description: Count, value: '{{.steps.each.output.count}}', default: 0}}}
              required: [note]
        """;

    [Fact]
    public void A_good_workflow_passes() => Samples.Report(Good).ShouldBeEmpty();

    [Theory]
    [InlineData("    description: Makes a report\n", "", "description: required: clients choose tools by it")]
    [InlineData("timeout: 10m", "timeout: -1s", "timeout: a duration cannot be negative")]
    [InlineData("parameters: {type: object, ", "parameters: {type: string, ", "parameters.type: must be \"object\"")]
    [InlineData("parameters: {type: object, ", "parameters: {", "parameters.type: required: must be \"object\"")]
    [InlineData("org: {type: string, default: x}", "org: {type: text}", "parameters.properties.org.type: invalid JSON Schema: must be one of")]
    [InlineData("required: [org]", "required: org", "parameters.required: invalid JSON Schema: must be a list of property names")]
    [InlineData("tool: a_list_repos\n", "tool: a_list_repos\n        message: hm\n", "steps[0]: has both tool and message; write type: tool or type: elicitation")]
    [InlineData("type: elicitation", "type: question", "steps[1].type: \"question\" is not a kind of step; must be one of: tool, elicitation, forEach")]
    [InlineData("tool: a_list_repos", "timeout: 1s", "steps[0].tool: required: a tool step calls a tool")]
    [InlineData("tool: a_list_repos", "tool: '-x'", "steps[0].tool: \"-x\" is not a valid tool name")]
    [InlineData("        message: 'Go on with {{.steps.list.output.count}}?'\n", "", "steps[1].message: required: an elicitation asks a question")]
    [InlineData("        schema: {type: object, properties: {note: {type: string}}}\n", "", "steps[1].schema: required: the form of the answer")]
    [InlineData("schema: {type: object, properties: {note: {type: string}}}", "schema: {type: object, properties: []}", "steps[1].schema.properties: invalid JSON Schema: must be a map of schemas")]
    [InlineData("        collection: '{{json .steps.list.output.repositories}}'\n", "", "steps[2].collection: required: a template of the list")]
    [InlineData("itemVar: repo", "tool: x", "steps[2].tool: a forEach has its tool in step")]
    [InlineData("itemVar: repo", "message: x", "steps[2].message: a forEach asks nothing")]
    [InlineData("itemVar: repo", "itemVar: index", "steps[2].itemVar: \"index\" is not an identifier other than index")]
    [InlineData("itemVar: repo", "itemVar: a-b", "steps[2].itemVar: \"a-b\" is not an identifier other than index")]
    [InlineData("maxParallel: 3", "maxParallel: 51", "steps[2].maxParallel: must be between 0 and 50, is 51")]
    [InlineData("maxParallel: 3", "maxIterations: 1001", "steps[2].maxIterations: must be between 0 and 1000, is 1001")]
    [InlineData("step: {id: one, tool: a_scan,", "step: {id: one, type: elicitation, tool: a_scan,", "steps[2].step.type: must be tool")]
    [InlineData("step: {id: one, tool: a_scan,", "step: {id: one,", "steps[2].step.tool: required: a tool step calls a tool")]
    [InlineData("step: {id: one, tool: a_scan,", "step: {tool: a_scan,", "steps[2].step.id: required: the step's id")]
    [InlineData("step: {id: one, tool: a_scan,", "step: {id: one, condition: x, tool: a_scan,", "steps[2].step: condition, timeout, dependsOn and defaultResults have no effect here")]
    [InlineData("'{{.params.org}}'", "'{{.params.org}'", "steps[0].arguments.org: invalid template: {{ without }}")]
    [InlineData("'{{.params.org}}'", "'{{}}'", "steps[0].arguments.org: invalid template: an action is empty")]
    [InlineData("'{{.params.org}}'", "'{{if .params.org}}x'", "steps[0].arguments.org: invalid template: {{if}} has no {{end}}")]
    [InlineData("'{{.params.org}}'", "'x{{end}}'", "steps[0].arguments.org: invalid template: {{end}} without a block")]
    [InlineData("'{{.params.org}}'", "'{{index (.params.org}}'", "steps[0].arguments.org: invalid template: parentheses do not match")]
    [InlineData("'{{.params.org}}'", "'{{.steps.my-step.output}}'", "steps[0].arguments.org: invalid template: \".my-step\" is no identifier")]
    [InlineData("dependsOn: [list]", "dependsOn: [lst]", "steps[1].dependsOn[0]: unknown step \"lst\"; did you mean \"list\"?")]
    [InlineData("dependsOn: [list]", "dependsOn: [ask]", "steps[1].dependsOn: dependency cycle involving \"ask\"")]
    [InlineData("onError: {action: retry, retryCount: 2,", "onError: {action: retry,", "steps[0].onError.retryCount: must be at least 1 for retry")]
    [InlineData("onError: {action: retry,", "onError: {action: again,", "steps[0].onError.action: \"again\" is not an action; must be one of: abort, continue, retry")]
    [InlineData("onDecline: {action: skip_remaining}", "onDecline: {}", "steps[1].onDecline.action: required: one of abort, continue, skip_remaining")]
    [InlineData("        defaultResults: {content: {note: none}}\n", "", "steps[1].defaultResults.content: required: step \"ask\" may be skipped, and the field is read by output")]
    [InlineData("onError: {action: retry, retryCount: 2, retryDelay: 1s}", "onError: {action: continue}", "steps[0].defaultResults.count: required: step \"list\" may be skipped, and the field is read by step \"ask\"")]
    [InlineData("required: [note]", "required: [notes]", "output.required[0]: there is no property \"notes\"; did you mean \"note\"?")]
    [InlineData("note: {type: string, description", "note: {description", "output.properties.note.type: required")]
    [InlineData("description: What the user said, ", "", "output.properties.note.description: required: what the field means")]
    [InlineData("value: '{{.steps.each.output.count}}', default: 0", "default: 0", "output.properties.all.properties.n.value: required: the template of the value")]
    [InlineData("default: 0", "default: many", "output.properties.all.properties.n.default: does not fit the type integer")]
    [InlineData("description: Everything, ", "description: Everything, value: x, ", "output.properties.all: has both value and properties; keep one")]
    [InlineData("failureMode: abort", "failureMode: continue", "failureMode: has no effect")]
    public void Each_rule_is_reported_with_its_path(string part, string replacement, string report)
    {
        string yaml = Good.ReplaceLineEndings("\n");
        yaml.ShouldContain(part.TrimStart('\n'));
        string broken = yaml.Replace(part, replacement, StringComparison.Ordinal);

        Samples.Report(broken).ShouldHaveSingleItem().ShouldContain($"compositeTools[0].{report}");
    }

    [Theory]
    [InlineData("- id: ask", "- id: list", "steps[1].id: duplicate step id \"list\", already at compositeTools[0].steps[0]")]
    [InlineData("- id: list\n", "- \n", "steps[0].id: required: the step's id")]
    public void A_lost_id_is_reported_beside_what_it_breaks(string part, string replacement, string report) =>
        Samples.Report(Good.ReplaceLineEndings("\n").Replace(part, replacement, StringComparison.Ordinal))
            .ShouldContain(r => r.Contains($"compositeTools[0].{report}", StringComparison.Ordinal));

    [Fact]
    public void A_cycle_of_several_steps_names_its_members_only()
    {
        const string Yaml = """
            backends: [{name: a, url: 'http://a/mcp'}]
            compositeTools:
              - name: t
                description: d
                steps:
                  - {id: x, tool: a, dependsOn: [y]}
                  - {id: y, tool: a, dependsOn: [x]}
                  - {id: z, tool: a, dependsOn: [x]}
              - {name: t, description: d}
            """;

        Samples.Report(Yaml).ShouldBe([
            "vmcp.yaml:6: compositeTools[0].steps[0].dependsOn: dependency cycle involving \"x\"",
            "vmcp.yaml:7: compositeTools[0].steps[1].dependsOn: dependency cycle involving \"y\"",
            "vmcp.yaml:9: compositeTools[1].name: duplicate composite tool name \"t\", already at compositeTools[0]",
            "vmcp.yaml:9: compositeTools[1].steps: at least one step is required",
        ]);
    }

    [Fact]
    public void More_than_a_hundred_steps_are_too_many()
    {
        string steps = string.Join(", ", Enumerable.Range(0, 101).Select(i => $"{{id: s{i}, tool: a}}"));

        Samples.Report($"backends: [{{name: a, url: 'http://a/mcp'}}]\ncompositeTools: [{{name: t, description: d, steps: [{steps}]}}]")
            .ShouldBe(["vmcp.yaml:2: compositeTools[0].steps: too many steps: 101 (max 100)"]);
    }
}
