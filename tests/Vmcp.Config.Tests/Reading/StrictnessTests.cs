using System.Text;
using Vmcp.Config.Reading;

namespace Vmcp.Config.Tests.Reading;

/// <summary>Every row: a file, and the one report it gets.</summary>
public sealed class StrictnessTests
{
    private const string Backend = "backends: [{name: a, url: 'http://a/mcp'}]\n";

    [Theory]
    [InlineData("agregation: {}", "agregation: unknown key; did you mean \"aggregation\"?")]
    [InlineData("zzz: 1", "zzz: unknown key; known keys: name, groupRef, backends, incomingAuth, outgoingAuth, aggregation, compositeTools, compositeToolRefs, operational, metadata, telemetry, audit, optimizer, codeMode, sessionStorage, rateLimiting, passthroughHeaders")]
    [InlineData("outgoing_auht: {}", "outgoing_auht: unknown key; did you mean \"outgoingAuth\"?")]
    [InlineData("operational: {timeouts: {defualt: 3s}}", "operational.timeouts.defualt: unknown key; did you mean \"default\"?")]
    [InlineData("outgoingAuth: {default: {type: unauthenticated, tokenUrl: x}}", "outgoingAuth.default.tokenUrl: unknown key; it belongs inside obo: obo.tokenUrl")]
    [InlineData("aggregation: []", "aggregation: expected a map, found a list")]
    [InlineData("passthroughHeaders: X-A", "passthroughHeaders: expected a list, found the text \"X-A\"; write [value]")]
    [InlineData("passthroughHeaders: {a: b}", "passthroughHeaders: expected a list, found a map")]
    [InlineData("name: 5", "name: expected a string, found the number 5; write \"5\" in quotes")]
    [InlineData("name: true", "name: expected a string, found the boolean true; write \"true\" in quotes")]
    [InlineData("name: [a]", "name: expected a string, found a list")]
    [InlineData("metadata: {version: 1.10}", "metadata.version: expected a string, found the number 1.10; write \"1.10\" in quotes")]
    [InlineData("codeMode: {enabled: yes}", "codeMode.enabled: expected true or false, found the text \"yes\"; write true")]
    [InlineData("codeMode: {enabled: 'true'}", "codeMode.enabled: expected true or false, found the text \"true\"; write true")]
    [InlineData("codeMode: {enabled: 0}", "codeMode.enabled: expected true or false, found the number 0; write false")]
    [InlineData("operational: {timeouts: {default: 30}}", "operational.timeouts.default: the duration 30 has no unit; write \"30s\" for seconds")]
    [InlineData("operational: {timeouts: {default: '30'}}", "operational.timeouts.default: the duration 30 has no unit; write \"30s\" for seconds")]
    [InlineData("operational: {timeouts: {default: -5s}}", "operational.timeouts.default: a duration cannot be negative; write \"30s\", \"1m30s\" or \"500ms\" (units ns, us, ms, s, m, h)")]
    [InlineData("operational: {timeouts: {default: soon}}", "operational.timeouts.default: \"soon\" is not a duration; write \"30s\", \"1m30s\" or \"500ms\" (units ns, us, ms, s, m, h)")]
    [InlineData("operational: {failureHandling: {unhealthyThreshold: '3'}}", "operational.failureHandling.unhealthyThreshold: expected a whole number, found the text \"3\"; write 3 without quotes")]
    [InlineData("operational: {failureHandling: {unhealthyThreshold: 1.5}}", "operational.failureHandling.unhealthyThreshold: expected a whole number, found the number 1.5")]
    [InlineData("operational: {failureHandling: {unhealthyThreshold: 3000000000}}", "operational.failureHandling.unhealthyThreshold: the number 3000000000 is out of range; between -2147483648 and 2147483647")]
    [InlineData("telemetry: {tracingEnabled: true, endpoint: 'a:1', samplingRate: half}", "telemetry.samplingRate: \"half\" is not a decimal number; write \"0.5\"")]
    [InlineData("outgoingAuth: {default: {type: headr_injection}}", "outgoingAuth.default.type: \"headr_injection\" is not a strategy; did you mean \"header_injection\"?")]
    [InlineData("incomingAuth: {type: OIDC}", "incomingAuth.type: \"OIDC\" is not a type; did you mean \"oidc\"?")]
    [InlineData("incomingAuth: {type: magic}", "incomingAuth.type: \"magic\" is not a type; must be one of: anonymous, oidc, local")]
    [InlineData("name: a\nname: b", "name: this key is already there, in line 2", 3)]
    [InlineData("metadata: {a: x, a: y}", "metadata.a: this key is already there, in line 2")]
    [InlineData("group_ref: a\ngroupRef: b", "groupRef: \"groupRef\" is the same key as \"group_ref\" in line 2; keep one", 3)]
    [InlineData("metadata: {<<: {a: b}}", "metadata.<<: expected a string, found a map")]
    [InlineData("codeMode: {<<: {a: b}}", "codeMode.<<: unknown key; merge keys are not part of YAML 1.2; repeat the keys")]
    [InlineData("metadata: {? : b}", "metadata.: a key is missing before the colon")]
    public void A_slip_is_named_with_its_place_and_remedy(string yaml, string report, int line = 2) =>
        Samples.Report(Backend + yaml).ShouldBe([$"vmcp.yaml:{line}: {report}"]);

    [Theory]
    [InlineData("", 1, "the file is empty")]
    [InlineData("# only a comment\n", 1, "the file is empty")]
    [InlineData("--- \n", 2, "the file is empty")]
    [InlineData("[a, b]", 1, "expected a map, found a list")]
    [InlineData("name: a\n---\nname: b", 2, "a second document begins here; a configuration is one document")]
    [InlineData("name: *nobody", 1, "the alias *nobody has no anchor before it")]
    [InlineData("name: &a [*a]", 1, "the alias *a has no anchor before it")]
    [InlineData("name: !secret x", 1, "the tag !secret means nothing here; leave it out")]
    [InlineData("aggregation:\n  prefixFormat: {workload}_\n", 2, "put it in quotes: '{workload}_'")]
    [InlineData("? [a]\n: b", 1, "a key must be a text")]
    [InlineData("name: a\n\tgroupRef: b", 2, "this is not YAML")]
    [InlineData("name: \"a\n", 1, "this is not YAML")]
    [InlineData("name: \"\\ud800\"", 1, "")]
    [InlineData("name: a\u0000", 1, "the control character U+0000 may not stand in a YAML file")]
    [InlineData("a: 1\nb: \u0007", 2, "the control character U+0007 may not stand in a YAML file")]
    public void What_is_no_single_document_is_one_report_with_a_line(string yaml, int line, string message)
    {
        ConfigResult result = ConfigReader.Read(yaml, "vmcp.yaml");

        result.Config.ShouldBeNull();
        ConfigProblem problem = result.Problems.ShouldHaveSingleItem();
        problem.Line.ShouldBe(line, problem.ToString());
        problem.ToString().ShouldContain(message);
    }

    [Fact]
    public void All_problems_come_in_one_report_by_line()
    {
        const string Yaml = """
            nme: x
            backends:
              - url: ftp://a/mcp
                name: a b
                transport: websocket
              - name: b
            operational:
              timeouts:
                default: 10
            aggregation:
              conflictResolution: random
            """;

        Samples.Report(Yaml).ShouldBe([
            "vmcp.yaml:1: nme: unknown key; did you mean \"name\"?",
            "vmcp.yaml:3: backends[0].url: the scheme ftp is not supported; use http or https",
            "vmcp.yaml:4: backends[0].name: \"a b\" is not a backend name; use letters, digits, '-', '_' and '.', a letter or digit first and last",
            "vmcp.yaml:5: backends[0].transport: \"websocket\" is not a transport; must be one of: streamable-http, streamable, sse",
            "vmcp.yaml:6: backends[1].url: required: the backend's MCP endpoint",
            "vmcp.yaml:9: operational.timeouts.default: the duration 10 has no unit; write \"10s\" for seconds",
            "vmcp.yaml:11: aggregation.conflictResolution: \"random\" is not a strategy; must be one of: prefix, priority, manual",
        ]);
    }

    [Fact]
    public void Json_is_read_too()
    {
        const string Json = "{\r\n\t\"name\": \"j\\u00e4\\/\\ud83d\\ude00\",\n\t\"backends\": [{\"name\": \"a\", \"url\": \"http://a/mcp\"}],\n\t\"optimizer\": null\n}";

        ConfigResult result = ConfigReader.Read(Json, "vmcp.json");

        result.Problems.ShouldBeEmpty();
        result.Config!.Name.ShouldBe("jä/😀");
    }

    [Fact]
    public void A_byte_order_mark_and_windows_line_ends_do_no_harm()
    {
        ConfigResult result = ConfigReader.Read("\ufeffname: a\r\ngroupRef: b\r\nzzz: c\r\n", "vmcp.yaml");

        result.Problems.ShouldHaveSingleItem().Line.ShouldBe(3);
        result.Problems[0].Path.ShouldBe("zzz");
    }

    [Fact]
    public void Anchors_and_aliases_repeat_a_value()
    {
        ConfigResult result = ConfigReader.Read("operational:\n  timeouts:\n    default: &t 45s\n    perWorkload:\n      a: *t\n", "vmcp.yaml");

        result.Problems.ShouldBeEmpty();
        result.Config!.Operational!.Timeouts!.PerWorkload["a"].ShouldBe(TimeSpan.FromSeconds(45));
    }

    [Fact]
    public void Aliases_cannot_blow_up_the_file()
    {
        StringBuilder yaml = new("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++)
            yaml.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");

        ConfigProblem problem = ConfigReader.Read(yaml.ToString(), "vmcp.yaml").Problems.ShouldHaveSingleItem();

        problem.Message.ShouldContain("aliases counted in full");
    }

    [Fact]
    public void Depth_and_size_are_bounded()
    {
        ConfigReader.Read("metadata: " + new string('[', 5000), "a").Problems.ShouldHaveSingleItem().Message.ShouldBe("nested deeper than 64 levels");
        ConfigReader.Read("name: " + new string('x', 1024 * 1024), "a").Problems.ShouldHaveSingleItem().Message.ShouldContain("longer than 1048576");
    }

    [Fact]
    public void Null_means_absent()
    {
        ConfigResult result = ConfigReader.Read("name: ~\noptimizer: null\nbackends:\naggregation:\noperational: {timeouts: }", "a");

        result.Problems.ShouldBeEmpty();
        result.Config!.Name.ShouldBeNull();
        result.Config.Optimizer.ShouldBeNull();
        result.Config.Operational!.Timeouts.ShouldBeNull();
    }

    [Fact]
    public void A_secret_of_the_wrong_kind_is_not_shown()
    {
        string report = Samples.Report(Backend + "outgoingAuth: {default: {type: header_injection, headerInjection: {headerName: X-Key, headerValue: 987654}}}")
            .ShouldHaveSingleItem();

        report.ShouldNotContain("987654");
        report.ShouldContain("outgoingAuth.default.headerInjection.headerValue: expected a string");
    }

    [Fact]
    public void A_report_is_one_line_whatever_the_file_holds() =>
        Samples.Report(Backend + "\"a\\nvmcp.yaml:1: fine\": 1").ShouldHaveSingleItem().ShouldNotContain('\n');
}
