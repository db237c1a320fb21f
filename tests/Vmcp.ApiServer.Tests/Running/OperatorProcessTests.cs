using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Running;

/// <summary>The executable itself: starts, serves its endpoints, leads, and gives the lease back on SIGTERM.</summary>
public sealed partial class OperatorProcessTests
{
    [Fact]
    public async Task The_process_gets_ready_leads_and_gives_its_lease_back_at_the_end()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        await using Server server = await Server.StartAsync(cancellationToken: token);
        await server.ApplyCrdsAsync();
        string space = await server.CreateNamespaceAsync(cancellationToken: token);
        await using TestProcess process = TestProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "vmcp-operator"),
            ["--leader-elect", "--kubeconfig", server.AdminKubeconfig, "--metrics-bind-address", "127.0.0.1:0", "--health-probe-bind-address", "127.0.0.1:0"],
            new Dictionary<string, string?> { ["POD_NAMESPACE"] = space, ["POD_NAME"] = "operator-1" });
        string started = await UntilAsync(() => process.Lines.FirstOrDefault(l => l.Contains("Connected to", StringComparison.Ordinal)), process);
        using JsonDocument line = JsonDocument.Parse(started);
        line.RootElement.GetProperty("LogLevel").GetString().ShouldBe("Information");
        Match addresses = Addresses().Match(line.RootElement.GetProperty("Message").GetString()!);
        using HttpClient http = new();

        await UntilAsync(async () => (await http.GetAsync(new Uri($"{addresses.Groups[1].Value}readyz"), token)).StatusCode == HttpStatusCode.OK ? "" : null, process);
        await UntilAsync(async () => (await http.GetStringAsync(new Uri($"{addresses.Groups[2].Value}metrics"), token)).Contains("vmcp_operator_leader 1", StringComparison.Ordinal) ? "" : null, process);
        using KubeClient admin = new(KubeConfig.Load(server.AdminKubeconfig), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        ObjectKey lease = new(space, "toolhive-operator-leader-election");
        (await admin.GetAsync(BuiltIn.Lease, lease, token))!.At("spec", "holderIdentity")!.Value.GetString()!.ShouldStartWith("operator-1_");

        using System.Diagnostics.Process kill = System.Diagnostics.Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await UntilAsync(() => process.HasExited ? "" : null, process);
        process.Lines.ShouldContain(l => l.Contains("told to stop", StringComparison.Ordinal));
        (await admin.GetAsync(BuiltIn.Lease, lease, token))!.At("spec", "holderIdentity")?.GetString().ShouldBeNullOrEmpty();
    }

    private static Task<string> UntilAsync(Func<string?> look, TestProcess process) => UntilAsync(() => Task.FromResult(look()), process);

    private static async Task<string> UntilAsync(Func<Task<string?>> look, TestProcess process)
    {
        DateTimeOffset limit = DateTimeOffset.UtcNow.AddSeconds(60);
        while (DateTimeOffset.UtcNow < limit)
        {
            if (await look() is { } found)
                return found;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException(string.Join('\n', process.Lines));
    }

    [GeneratedRegex(@"health at (http://\S+?), metrics at (http://\S+)")]
    private static partial Regex Addresses();
}
