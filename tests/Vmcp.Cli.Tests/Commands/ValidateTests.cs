namespace Vmcp.Cli.Tests.Commands;

public sealed class ValidateTests
{
    [Fact]
    public async Task A_valid_file_is_summarised()
    {
        using var folder = new TempFolder();
        string file = folder.Write("vmcp.yaml", """
            name: eng
            groupRef: engineering
            backends:
              - {name: github, url: "http://127.0.0.1:9001/mcp"}
              - {name: old, url: "http://127.0.0.1:9002/sse"}
            incomingAuth: {type: anonymous}
            outgoingAuth: {source: inline}
            aggregation:
              conflictResolution: priority
              conflictResolutionConfig: {priorityOrder: [old, github]}
            """);

        Ran ran = await Vmcp.RunAsync("validate", "-c", file);

        ran.ExitCode.ShouldBe(0, ran.Error);
        ran.Error.ShouldBeEmpty();
        string[] lines = [.. ran.Out.Split('\n').Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        lines.ShouldContain("name eng");
        lines.ShouldContain("group engineering");
        lines.ShouldContain("incoming auth anonymous");
        lines.ShouldContain("outgoing source inline");
        lines.ShouldContain("conflict resolution priority, old > github");
        lines.ShouldContain("composite tools 0");
        lines.ShouldContain("backends 2");
        lines.ShouldContain("github streamable-http unauthenticated http://127.0.0.1:9001/mcp");
        lines.ShouldContain("old sse unauthenticated http://127.0.0.1:9002/sse");
        ran.Out.ShouldNotContain("refuse");
    }

    [Fact]
    public async Task The_older_spelling_loads_and_is_told_what_token_exchange_lacks()
    {
        using var folder = new TempFolder();
        string file = folder.Write("vmcp.yaml", """
            outgoing_auth:
              source: inline
            backends:
              - name: github-mcp
                url: http://github-mcp.default.svc:8080
                auth:
                  type: token_exchange
            """);

        Ran ran = await Vmcp.RunAsync("validate", "--config", file);

        ran.ShouldFailSaying("backends[0].auth.tokenUrl: required for token_exchange", "is not valid: 1 error");
        ran.ErrorLines.Length.ShouldBe(2, ran.Error);
        ran.ErrorLines[0].ShouldStartWith(file + ":");
    }

    [Fact]
    public async Task What_serve_cannot_do_yet_is_noted_and_the_file_is_valid_all_the_same()
    {
        using var folder = new TempFolder();
        string file = folder.Write("vmcp.yaml", """
            backends:
              - {name: a, url: "http://127.0.0.1:9001/mcp"}
            optimizer: {}
            """);

        Ran ran = await Vmcp.RunAsync("validate", "-c", file);

        ran.ExitCode.ShouldBe(0, ran.Error);
        ran.Out.ShouldContain("serve would refuse it here:");
        ran.Out.ShouldContain("not supported yet: optimizer");
    }

    [Fact]
    public async Task A_variable_that_is_not_set_here_is_noted()
    {
        using var folder = new TempFolder();
        string file = folder.Write("vmcp.yaml", """
            backends:
              - {name: a, url: "http://127.0.0.1:9001/mcp"}
            outgoingAuth:
              source: inline
              backends:
                a: {type: header_injection, headerInjection: {headerName: Authorization, headerValueEnv: MY_TOKEN}}
            """);

        Ran without = await Vmcp.RunAsync("validate", "-c", file);
        Ran with = await Vmcp.RunAsync(new Dictionary<string, string> { ["MY_TOKEN"] = "Bearer s3cret" }, "validate", "-c", file);

        (without.Out + without.Error).ShouldContain("MY_TOKEN");
        with.ExitCode.ShouldBe(0, with.Error);
        (with.Out + with.Error).ShouldNotContain("MY_TOKEN");
        (with.Out + with.Error).ShouldNotContain("s3cret");
    }

    [Fact]
    public async Task Without_a_file_it_says_which_option_is_missing()
    {
        (await Vmcp.RunAsync("validate")).ShouldFailSaying("--config must be specified");
    }

    [Fact]
    public async Task A_missing_file_is_named_with_the_way_to_make_one()
    {
        using var folder = new TempFolder();

        (await Vmcp.RunAsync("validate", "-c", folder["none.yaml"])).ShouldFailSaying(folder["none.yaml"] + " does not exist", "vmcp init");
    }
}
