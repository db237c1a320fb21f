namespace Vmcp.Cli.Tests.Commands;

public sealed class InitTests
{
    private static readonly string[] Two = ["--backend", "zeta=http://127.0.0.1:9002/mcp", "--backend", "alpha=http://127.0.0.1:9001/sse"];

    [Fact]
    public async Task The_starter_file_validates_and_is_sorted_and_commented()
    {
        using var folder = new TempFolder();

        Ran init = await Vmcp.RunAsync(["init", .. Two, "-o", folder["vmcp.yaml"]]);
        Ran validate = await Vmcp.RunAsync("validate", "-c", folder["vmcp.yaml"]);

        init.ExitCode.ShouldBe(0, init.Error);
        init.Out.ShouldBeEmpty();
        validate.ExitCode.ShouldBe(0, validate.Error);
        validate.Error.ShouldBeEmpty();
        validate.Out.ShouldNotContain("refuse");
        string text = await File.ReadAllTextAsync(folder["vmcp.yaml"]);
        text.IndexOf("name: alpha", StringComparison.Ordinal).ShouldBeLessThan(text.IndexOf("name: zeta", StringComparison.Ordinal));
        text.ShouldContain("transport: sse");
        text.Split('\n').Count(l => l.StartsWith('#')).ShouldBeGreaterThan(5);
    }

    [Fact]
    [Trait("Scenario", "CLI-02")]
    public async Task The_file_is_readable_by_its_owner_only()
    {
        using var folder = new TempFolder();

        (await Vmcp.RunAsync(["init", .. Two, "-c", folder["vmcp.yaml"]])).ExitCode.ShouldBe(0);

        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(folder["vmcp.yaml"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(Path.GetDirectoryName(folder["vmcp.yaml"])!).Length.ShouldBe(1, "no temporary file is left");
    }

    [Theory]
    [InlineData]
    [InlineData("-o", "-")]
    [InlineData("-o", "")]
    public async Task Without_a_path_it_goes_to_standard_output(params string[] output)
    {
        Ran ran = await Vmcp.RunAsync(["init", .. Two, .. output]);

        ran.ExitCode.ShouldBe(0, ran.Error);
        ran.Out.ShouldContain("backends:\n  - name: alpha");
    }

    [Fact]
    public async Task A_file_is_replaced_only_when_forced()
    {
        using var folder = new TempFolder();
        string file = folder.Write("vmcp.yaml", "mine");

        (await Vmcp.RunAsync(["init", .. Two, "-o", file])).ShouldFailSaying("exists already", "--force");
        (await File.ReadAllTextAsync(file)).ShouldBe("mine");

        (await Vmcp.RunAsync(["init", .. Two, "-o", file, "--force"])).ExitCode.ShouldBe(0);
        (await File.ReadAllTextAsync(file)).ShouldContain("alpha");
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_is_an_error()
    {
        using var folder = new TempFolder();

        (await Vmcp.RunAsync(["init", .. Two, "-o", folder["no/vmcp.yaml"]])).ShouldFailSaying("cannot be written");
    }

    [Fact]
    [Trait("Scenario", "CLI-02")]
    public async Task Unsupported_transports_are_skipped_with_a_warning()
    {
        Ran ran = await Vmcp.RunAsync(["init", .. Two, "--backend", "sock=ws://127.0.0.1:9003/mcp"]);

        ran.ExitCode.ShouldBe(0);
        ran.Error.ShouldContain("warning: skipped --backend sock: the transport ws is not supported");
        ran.Out.ShouldNotContain("sock");
    }

    [Fact]
    public async Task It_is_an_error_when_no_backend_is_left()
    {
        using var folder = new TempFolder();

        (await Vmcp.RunAsync("init", "--backend", "sock=ws://127.0.0.1:9003/mcp", "-o", folder["vmcp.yaml"])).ShouldFailSaying("no server is left");
        File.Exists(folder["vmcp.yaml"]).ShouldBeFalse();
    }

    [Theory]
    [InlineData("notes", "is not name=url")]
    [InlineData("=http://127.0.0.1/mcp", "is not name=url")]
    [InlineData("notes=", "is not name=url")]
    [InlineData("notes=127.0.0.1", "is not an absolute URL")]
    [InlineData("notes=/mcp", "is not an absolute URL")]
    [InlineData("bad name=http://127.0.0.1/mcp", "is not a backend name")]
    [InlineData("notes=http://u:p@127.0.0.1/mcp", "must not carry a user or password")]
    public async Task A_wrong_backend_is_an_error_and_nothing_is_written(string backend, string why)
    {
        using var folder = new TempFolder();

        (await Vmcp.RunAsync("init", "--backend", backend, "-o", folder["vmcp.yaml"])).ShouldFailSaying(why);
        File.Exists(folder["vmcp.yaml"]).ShouldBeFalse();
    }

    [Fact]
    public async Task A_name_given_twice_is_an_error()
    {
        (await Vmcp.RunAsync("init", "--backend", "a=http://127.0.0.1:1/mcp", "--backend", "a=http://127.0.0.1:2/mcp")).ShouldFailSaying("already the name");
    }

    [Fact]
    public async Task Without_backends_it_says_which_option_is_missing()
    {
        (await Vmcp.RunAsync("init")).ShouldFailSaying("--backend must be specified");
        (await Vmcp.RunAsync("init", "--group", "team")).ShouldFailSaying("not supported yet: --group", "--backend");
    }
}
