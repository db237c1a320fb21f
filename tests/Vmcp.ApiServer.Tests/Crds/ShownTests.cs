using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Yaml;

namespace Vmcp.ApiServer.Tests.Crds;

[Collection(CrdCollection.Name)]
public sealed class ShownTests(CrdServer crds)
{
    [Fact]
    public async Task Kubectl_explains_the_deployment_modes_and_the_order_of_precedence()
    {
        string explained = Joined(await crds.Server.KubectlAsync("explain", "virtualmcpserver.spec.outgoingAuth"));

        explained.ShouldContain("FIELDS: backends <map[string]Object>");
        explained.ShouldContain("enum: discovered, inline");
        explained.ShouldContain("Each backend uses the first that is set: its own entry in backends");
        explained.ShouldContain("the pod needs no access to the Kubernetes API");
    }

    [Fact]
    public async Task Kubectl_explains_inside_the_configuration()
    {
        string explained = Joined(await crds.Server.KubectlAsync("explain", "vmcp.spec.config.operational.failureHandling.partialFailureMode"));

        explained.ShouldContain("refuse all while a backend is missing");
    }

    [Fact]
    public async Task Kubectl_get_vmcp_shows_mode_phase_backends_url_and_readiness()
    {
        string team = await crds.Server.CreateNamespaceAsync();
        await CreateAsync(team, "hub", """
            {mode: inline, phase: Degraded, backendCount: 2, url: "http://vmcp-hub.team.svc.cluster.local:4483",
             conditions: [{type: Ready, status: "False", reason: DeploymentNotReady, message: "", lastTransitionTime: "2026-01-02T03:04:05Z"}]}
            """);

        string[] lines = (await crds.Server.KubectlAsync("get", "vmcp", "-n", team)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Cells(lines[0]).ShouldBe(["NAME", "MODE", "PHASE", "BACKENDS", "URL", "READY", "AGE"]);
        Cells(lines[1])[..6].ShouldBe(["hub", "inline", "Degraded", "2", "http://vmcp-hub.team.svc.cluster.local:4483", "False"]);
    }

    [Fact]
    public async Task The_status_is_a_subresource_with_a_first_phase_of_its_own()
    {
        string team = await crds.Server.CreateNamespaceAsync();
        await CreateAsync(team, "hub", "{message: starting}");

        JsonNode stored = JsonNode.Parse(await crds.Server.KubectlAsync("get", "vmcp", "hub", "-n", team, "-o", "json"))!;

        stored["status"]!["phase"]!.GetValue<string>().ShouldBe("Pending");
        stored["metadata"]!["generation"]!.GetValue<long>().ShouldBe(1);
        stored["spec"]!["serviceType"]!.GetValue<string>().ShouldBe("ClusterIP");
    }

    [Fact]
    public async Task Every_kind_is_in_the_category_toolhive()
    {
        string team = await crds.Server.CreateNamespaceAsync();
        await CreateAsync(team, "hub", "{}");

        (await crds.Server.KubectlAsync("get", "toolhive", "-n", team, "-o", "name")).Trim().ShouldBe("virtualmcpserver.toolhive.stacklok.dev/hub");
    }

    private async Task CreateAsync(string team, string name, string status)
    {
        string file = Path.Combine(crds.Server.Folder, $"{team}.yaml");
        await File.WriteAllTextAsync(file, $$$"""
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: VirtualMCPServer
            metadata: {name: "{{{name}}}" }
            spec: {groupRef: {name: team}, incomingAuth: {type: anonymous} }
            """);
        await crds.Server.KubectlAsync("create", "-n", team, "-f", file);
        JsonObject patch = new() { ["status"] = KubeYaml.ReadAll(status, "status").Single().Body };
        using StringContent content = new(patch.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/merge-patch+json"));
        using HttpResponseMessage answer = await crds.Server.Admin.PatchAsync(
            new Uri($"apis/toolhive.stacklok.dev/v1beta1/namespaces/{team}/virtualmcpservers/{name}/status", UriKind.Relative), content);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private static string[] Cells(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Joined(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
