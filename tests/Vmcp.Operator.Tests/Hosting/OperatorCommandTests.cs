using System.CommandLine;
using System.Net;
using Vmcp.Operator.Host;
using Vmcp.Operator.Hosting;

namespace Vmcp.Operator.Tests.Hosting;

public sealed class OperatorCommandTests
{
    [Fact]
    public void Without_flags_the_defaults_hold()
    {
        OperatorOptions options = Read([], []);
        options.MetricsAddress.ShouldBe(new IPEndPoint(IPAddress.Any, 8080));
        options.HealthAddress.ShouldBe(new IPEndPoint(IPAddress.Any, 8081));
        options.LeaderElect.ShouldBeFalse();
        options.Namespaces.ShouldBeEmpty();
        options.Concurrency.ShouldBe(4);
        options.Runs("virtualmcpserver").ShouldBeTrue();
        options.Settings.MemoryLimit.ShouldBe("512Mi");
        options.Settings.BroadSecretRead.ShouldBeFalse();
    }

    [Fact]
    public void Each_flag_turns_its_setting()
    {
        OperatorOptions options = Read(
            ["--metrics-bind-address", "0", "--health-probe-bind-address", "127.0.0.1:99", "--leader-elect", "--watch-namespaces", " b , a", "--vmcp-image", "img",
             "--concurrency", "9", "--default-memory-limit", "1Gi", "--controllers", "mcpgroup", "--broad-secret-read"],
            new() { ["WATCH_NAMESPACE"] = "ignored", ["VMCP_IMAGE"] = "ignored" });
        options.MetricsAddress.ShouldBeNull();
        options.HealthAddress.ShouldBe(new IPEndPoint(IPAddress.Loopback, 99));
        options.LeaderElect.ShouldBeTrue();
        options.Namespaces.ShouldBe(["a", "b"]);
        options.Settings.VmcpImage.ShouldBe("img");
        options.Concurrency.ShouldBe(9);
        options.Settings.MemoryLimit.ShouldBe("1Gi");
        options.Runs("virtualmcpserver").ShouldBeFalse();
        options.Runs("mcpgroup").ShouldBeTrue();
        options.Settings.BroadSecretRead.ShouldBeTrue();
    }

    [Fact]
    public void Each_variable_turns_its_setting()
    {
        OperatorOptions options = Read([], new()
        {
            ["WATCH_NAMESPACE"] = "b, a,",
            ["VMCP_IMAGE"] = "img",
            ["POD_NAMESPACE"] = "sys",
            ["POD_NAME"] = "pod-1",
            ["TOOLHIVE_DEFAULT_IMAGE_PULL_SECRETS"] = "y, x",
            ["TOOLHIVE_DEFAULT_REDIS_ADDR"] = "redis:6379",
            ["TOOLHIVE_DEFAULT_REDIS_SECRET_NAME"] = "rs",
            ["OPERATOR_OPENSHIFT"] = "true",
        });
        options.Namespaces.ShouldBe(["a", "b"]);
        options.Settings.VmcpImage.ShouldBe("img");
        options.LeaseNamespace.ShouldBe("sys");
        options.Identity.ShouldStartWith("pod-1_");
        options.Settings.ImagePullSecrets.ShouldBe(["y", "x"]);
        options.Settings.DefaultRedis.ShouldBe(new Settings.DefaultRedis("redis:6379", "rs", "redis-password"));
        options.Settings.OpenShift.ShouldBeTrue();
    }

    [Fact]
    public async Task Every_mistake_is_told_at_once_with_exit_code_1()
    {
        using StringWriter error = new();
        int code = await OperatorCommand.RunAsync(["--concurrency", "0", "--controllers", "nope", "--metrics-bind-address", "x"], _ => null, TextWriter.Null, error, TestContext.Current.CancellationToken);
        code.ShouldBe(1);
        error.ToString().ShouldContain("--concurrency: 0 is not between 1 and 256");
        error.ToString().ShouldContain("no controller \"nope\"");
        error.ToString().ShouldContain("--metrics-bind-address: \"x\" is no address");
    }

    [Fact]
    public async Task The_help_names_flags_variables_and_examples()
    {
        using StringWriter output = new();
        (await OperatorCommand.RunAsync(["--help"], _ => null, output, TextWriter.Null, TestContext.Current.CancellationToken)).ShouldBe(0);
        output.ToString().ShouldContain("--leader-elect");
        output.ToString().ShouldContain("WATCH_NAMESPACE");
        output.ToString().ShouldContain("vmcp-operator --kubeconfig");
    }

    private static OperatorOptions Read(string[] args, Dictionary<string, string> env)
    {
        OperatorFlags flags = new();
        RootCommand root = new();
        foreach (Option option in flags.All)
            root.Options.Add(option);
        (OperatorOptions? options, IReadOnlyList<string> errors) = OptionReader.Read(root.Parse(args), flags, env.GetValueOrDefault);
        errors.ShouldBeEmpty();
        return options!;
    }
}
