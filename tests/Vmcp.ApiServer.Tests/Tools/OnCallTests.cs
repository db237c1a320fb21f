using System.Net.Http.Headers;
using System.Text;
using Vmcp.ApiServer.Tests.Crds;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Tools;

/// <summary><c>vmcp status NAME</c> and <c>vmcp explain --name NAME</c> as a person runs them, against a real API server.</summary>
[Collection(CrdCollection.Name)]
public sealed class OnCallTests(CrdServer crds)
{
    [Fact]
    public async Task A_server_is_shown_and_its_tools_are_explained_by_its_name()
    {
        string team = await TeamAsync();

        (int statusCode, string status) = await VmcpAsync(crds.Server.AdminKubeconfig, "status", "hub", "-n", team);
        (int jsonCode, string json) = await VmcpAsync(crds.Server.AdminKubeconfig, "status", "hub", "-n", team, "--json");
        (int explainCode, string explained) = await VmcpAsync(crds.Server.AdminKubeconfig, "explain", "jira_search", "--name", "hub", "-n", team);
        (int nearCode, string near) = await VmcpAsync(crds.Server.AdminKubeconfig, "status", "hubb", "-n", team);

        statusCode.ShouldBe(0, status);
        status.ShouldContain($"hub in namespace {team} at http://vmcp-hub.{team}.svc.cluster.local:4483");
        status.ShouldContain("phase Degraded · mode discovered · group team");
        status.ShouldContain("notes");
        jsonCode.ShouldBe(0, json);
        json.ShouldContain("\"discoveredBackends\"");
        explainCode.ShouldBe(1, explained);
        explained.ShouldContain("backend   ok  MCPServer/jira, a member of group team");
        explained.ShouldContain("auth      NO  SecretNotFound: ");
        nearCode.ShouldBe(1);
        near.ShouldContain("did you mean \"hub\"?");
    }

    [Fact]
    public async Task An_account_without_rights_is_told_which_one_it_lacks()
    {
        string team = await TeamAsync();
        await crds.Server.KubectlAsync("create", "serviceaccount", "nobody", "-n", team);
        string kubeconfig = crds.Server.WriteKubeconfigForToken(await crds.Server.TokenForServiceAccountAsync(team, "nobody"), team);

        (int statusCode, string status) = await VmcpAsync(kubeconfig, "status", "hub", "-n", team);
        (int explainCode, string explained) = await VmcpAsync(kubeconfig, "explain", "jira_search", "--name", "hub");

        statusCode.ShouldBe(1);
        status.ShouldContain($"your account may not get virtualmcpservers.toolhive.stacklok.dev in namespace \"{team}\"");
        explainCode.ShouldBe(2);
        explained.ShouldContain("auth can-i get virtualmcpservers.toolhive.stacklok.dev");
    }

    private async Task<string> TeamAsync()
    {
        string team = await crds.Server.CreateNamespaceAsync();
        string file = Path.Combine(crds.Server.Folder, $"{team}.yaml");
        await File.WriteAllTextAsync(file, """
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: VirtualMCPServer
            metadata: {name: hub}
            spec: {groupRef: {name: team}, incomingAuth: {type: anonymous}}
            ---
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPExternalAuthConfig
            metadata: {name: key}
            spec: {type: headerInjection, headerInjection: {headerName: X-Key, valueSecretRef: {name: nowhere, key: token}}}
            ---
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPServer
            metadata: {name: jira}
            spec: {image: example.com/jira, transport: streamable-http, groupRef: {name: team}, externalAuthConfigRef: {name: key}}
            """);
        await crds.Server.KubectlAsync("create", "-n", team, "-f", file);
        await StatusAsync(team, "virtualmcpservers/hub", $$$"""
            {"status":{"phase":"Degraded","mode":"discovered","url":"http://vmcp-hub.{{{team}}}.svc.cluster.local:4483","observedGeneration":1,
            "discoveredBackends":[{"name":"notes","status":"ready"},{"name":"jira","status":"unavailable","message":"Secret \"nowhere\" does not exist"}]}}
            """);
        await StatusAsync(team, "mcpservers/jira", """{"status":{"phase":"Ready","url":"http://jira:8080/mcp"}}""");
        return team;
    }

    private async Task StatusAsync(string team, string what, string body)
    {
        using StringContent content = new(body, Encoding.UTF8, new MediaTypeHeaderValue("application/merge-patch+json"));
        using HttpResponseMessage answer = await crds.Server.Admin.PatchAsync(
            new Uri($"apis/toolhive.stacklok.dev/v1beta1/namespaces/{team}/{what}/status", UriKind.Relative), content);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private static async Task<(int Code, string Said)> VmcpAsync(string kubeconfig, params string[] arguments)
    {
        string[] command = ["dotnet", "exec", Path.Combine(AppContext.BaseDirectory, "vmcp.dll"), .. arguments, "--kubeconfig", kubeconfig];
        await using TestProcess vmcp = TestProcess.Start(
            "/bin/sh", ["-c", "exec \"$@\" 2>&1", "sh", .. command], new Dictionary<string, string?> { ["NO_COLOR"] = "1" });
        int code = await vmcp.WaitForExitAsync(TimeSpan.FromMinutes(2));
        return (code, string.Join('\n', vmcp.Lines));
    }
}
