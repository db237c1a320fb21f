using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Yaml;

namespace Vmcp.Cli.Tests.Planning;

public sealed class PlanCommandTests : IDisposable
{
    private const string Group = """
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPGroup
        metadata: {name: eng, namespace: tools}
        """;

    private const string Github = """
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPServer
        metadata: {name: github, namespace: tools}
        spec: {image: x, groupRef: {name: eng}}
        """;

    private const string Docs = """
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPServerEntry
        metadata: {name: docs, namespace: tools}
        spec: {remoteUrl: 'https://docs.example.com/mcp', transport: streamable-http, groupRef: {name: eng}, externalAuthConfigRef: {name: docs-auth}}
        ---
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPExternalAuthConfig
        metadata: {name: docs-auth, namespace: tools}
        spec: {type: headerInjection, headerInjection: {headerName: X-Api-Key, valueSecretRef: {name: docs, key: apiKey}}}
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_inline_server_gets_its_objects_and_no_rights()
    {
        Ran ran = await Vmcp.RunAsync("plan", "-f", _folder.Write("m.yaml", Join(Group, Server("inline"), Github)));

        ran.ExitCode.ShouldBe(0, ran.Error);
        IReadOnlyList<YamlDocument> objects = KubeYaml.ReadAll(ran.Out, "out");
        objects.Select(Name).ShouldBe(
            ["ServiceAccount/eng-vmcp", "Secret/eng-hmac-secret", "ConfigMap/eng-vmcp-config", "Service/vmcp-eng", "Deployment/eng"], ignoreOrder: true);
        ran.Out.ShouldContain("# Deployment tools/eng of VirtualMCPServer tools/eng (inline)");
        ran.Error.ShouldContain("VirtualMCPServer tools/eng: inline mode, 5 objects");
    }

    [Fact]
    public async Task A_discovered_server_gets_its_rights()
    {
        Ran ran = await Vmcp.RunAsync("plan", "-f", _folder.Write("m.yaml", Join(Group, Server("discovered"), Github)));

        ran.ExitCode.ShouldBe(0, ran.Error);
        KubeYaml.ReadAll(ran.Out, "out").Select(Name).ShouldContain("Role/eng-vmcp");
        ran.Error.ShouldContain("discovered mode");
        ran.Error.ShouldContain("served: github");
    }

    [Fact]
    public async Task An_inline_document_lists_backends_at_the_address_their_service_will_have()
    {
        Ran ran = await Vmcp.RunAsync("plan", "-f", _folder.Write("m.yaml", Join(Group, Server("inline"), Github)));

        ran.Error.ShouldContain("served: github");
        Config(ran).ShouldContain("http://mcp-github-proxy.tools.svc.cluster.local:8080/mcp");
    }

    [Fact]
    public async Task A_backend_without_its_secret_is_left_out_with_the_reason_and_no_value_is_printed()
    {
        string secret = """
            apiVersion: v1
            kind: Secret
            metadata:
              name: docs
              namespace: tools
              annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"stringData":{"user":"hunter2"}}'}
            stringData: {user: hunter2}
            data: {other: aHVudGVyMg==}
            """;
        Ran ran = await Vmcp.RunAsync("plan", "-f", _folder.Write("m.yaml", Join(Group, Server("inline"), Github, Docs, secret)));

        ran.ExitCode.ShouldBe(0, ran.Error);
        ran.Error.ShouldContain("left out: docs: ");
        ran.Error.ShouldContain("is missing key \"apiKey\"");
        (ran.Out + ran.Error).ShouldNotContain("hunter2");
        (ran.Out + ran.Error).ShouldNotContain("aHVudGVyMg");
        Config(ran).ShouldNotContain("docs.example.com");
    }

    [Theory]
    [InlineData("inline")]
    [InlineData("discovered")]
    public async Task A_backend_that_is_called_as_its_caller_is_left_out_where_callers_prove_nothing(string mode)
    {
        string exchanged = Docs.Replace(
            "{type: headerInjection, headerInjection: {headerName: X-Api-Key, valueSecretRef: {name: docs, key: apiKey}}}",
            "{type: tokenExchange, tokenExchange: {tokenUrl: 'https://idp.example.com/token', audience: docs}}",
            StringComparison.Ordinal);
        Ran ran = await Vmcp.RunAsync("plan", "-f", _folder.Write("m.yaml", Join(Group, Server(mode), Github, exchanged)));

        ran.ExitCode.ShouldBe(0, ran.Error);
        ran.Error.ShouldContain("  served: github\n");
        ran.Error.ShouldContain("  left out: docs: CallerIdentityRequired: Backend \"docs\" is not served: token_exchange (MCPExternalAuthConfig \"docs-auth\") is made from the caller's own token");
        ran.Error.ShouldContain("use type oidc, or another MCPExternalAuthConfig for this backend");
        ran.Error.Split("CallerIdentityRequired").Length.ShouldBe(2, "told once");
    }

    [Fact]
    public async Task Keys_of_a_cluster_are_stood_in_for_and_that_is_told()
    {
        const string Oidc = """
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPOIDCConfig
            metadata: {name: k8s, namespace: tools}
            spec: {type: kubernetesServiceAccount, kubernetesServiceAccount: {serviceAccount: bot}}
            """;
        string server = Server("inline").Replace(
            "incomingAuth: {type: anonymous}", "incomingAuth: {type: oidc, oidcConfigRef: {name: k8s, audience: vmcp}}", StringComparison.Ordinal);
        Ran ran = await Vmcp.RunAsync("plan", "-f", _folder.Write("m.yaml", Join(Group, server, Github, Oidc)));

        ran.ExitCode.ShouldBe(0, ran.Error);
        KubeYaml.ReadAll(ran.Out, "out").Select(Name).ShouldContain("ConfigMap/eng-oidc-keys");
        ran.Out.ShouldContain("requiredSubject: system:serviceaccount:tools:bot");
        ran.Error.ShouldContain("MCPOIDCConfig tools/k8s: the operator reads the cluster's issuer and public keys there; this plan shows stand-ins for them");
    }

    [Fact]
    public async Task An_entry_that_is_not_valid_is_told_and_not_served()
    {
        string entry = Docs.Replace("docs.example.com", "169.254.169.254", StringComparison.Ordinal);
        Ran ran = await Vmcp.RunAsync("plan", "-f", _folder.Write("m.yaml", Join(Group, Server("inline"), Github, entry)));

        ran.Error.ShouldContain("MCPServerEntry tools/docs: spec.remoteUrl: the host 169.254.169.254 is a link-local address");
        Config(ran).ShouldNotContain("169.254");
    }

    [Fact]
    public async Task A_server_without_its_group_is_held_with_exit_code_1()
    {
        Ran ran = await Vmcp.RunAsync("plan", "-f", _folder.Write("m.yaml", Server("inline")));

        ran.ExitCode.ShouldBe(1);
        ran.Out.ShouldBe("");
        ran.Error.ShouldContain("VirtualMCPServer tools/eng: held, nothing would be written");
        ran.Error.ShouldContain("GroupRefNotFound");
    }

    [Fact]
    public async Task Lists_json_folders_and_standard_input_are_read()
    {
        _folder.Write("a.json", $$"""{"apiVersion": "v1", "kind": "List", "items": [{{ToJson(Group)}}, {{ToJson(Github)}}]}""");
        _folder.Write("b.yml", "# nothing\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: other}\n");
        _folder.Write("notes.txt", "not: [yaml");
        Ran ran = await Vmcp.RunAsync(
            Vmcp.NewTerminal() with { In = new StringReader(Server("inline")) }, "plan", "-f", Path.GetDirectoryName(_folder["a"])!, "-f", "-");

        ran.ExitCode.ShouldBe(0, ran.Error);
        ran.Error.ShouldContain("inline mode");
    }

    [Fact]
    public async Task Json_output_is_one_list()
    {
        Ran ran = await Vmcp.RunAsync("plan", "-o", "json", "-f", _folder.Write("m.yaml", Join(Group, Server("inline"), Github)));

        JsonNode list = JsonNode.Parse(ran.Out)!;
        list["kind"]!.GetValue<string>().ShouldBe("List");
        list["items"]!.AsArray().Count.ShouldBe(5);
    }

    [Fact]
    public async Task Namespace_name_and_image_are_options()
    {
        string manifests = Join(Group, Server("inline"), Github).Replace(", namespace: tools", "", StringComparison.Ordinal);
        string other = Server("inline").Replace("name: eng, namespace: tools", "name: ops", StringComparison.Ordinal);
        Ran ran = await Vmcp.RunAsync(
            "plan", "-f", _folder.Write("m.yaml", Join(manifests, other)), "-n", "here", "--name", "ops", "--vmcp-image", "registry.example/vmcp:9");

        ran.ExitCode.ShouldBe(0, ran.Error);
        ran.Out.ShouldContain("# Deployment here/ops of");
        ran.Out.ShouldContain("image: registry.example/vmcp:9");
        ran.Out.ShouldNotContain("vmcp-eng");
    }

    [Theory]
    [InlineData("a: 1\nb: [\n", "m.yaml:3: not YAML")]
    [InlineData("kind: MCPGroup\n", "m.yaml:1: not a Kubernetes object: apiVersion is missing")]
    [InlineData("\n\n- 1\n", "m.yaml:3: a manifest is a map")]
    [InlineData("apiVersion: toolhive.stacklok.dev/v1beta1\nkind: MCPGroup\nmetadata: {}\n", "m.yaml:1: MCPGroup: metadata.name is missing")]
    [InlineData(Group + "\n---\n" + Group, "MCPGroup tools/eng is there twice; the other is at ")]
    [InlineData("---\n" + Group + "\nspec: {description: [1]}\n", "m.yaml:2: MCPGroup \"tools/eng\": spec.description")]
    [InlineData(Group, "the manifests hold no VirtualMCPServer")]
    [InlineData("apiVersion: toolhive.stacklok.dev/v1beta1\nkind: VirtualMCPServer\nmetadata: {name: eng}\nspec:\n  outgoingAuth:\n    backends:\n      github:\n", "m.yaml:1: VirtualMCPServer \"eng\": spec.outgoingAuth.backends.github is null, which the API server refuses")]
    [InlineData("apiVersion: toolhive.stacklok.dev/v1beta1\nkind: MCPServerEntry\nmetadata: {name: e}\nspec: {headerForward: {addHeadersFromSecret: [null]}}\n", "spec.headerForward.addHeadersFromSecret[0] is null")]
    public async Task What_cannot_be_read_gives_exit_code_2_with_file_and_line(string text, string said)
    {
        Ran ran = await Vmcp.RunAsync("plan", "-f", _folder.Write("m.yaml", text));

        ran.ExitCode.ShouldBe(2, ran.Error);
        ran.Error.ShouldContain(said);
        ran.Out.ShouldBe("");
    }

    [Fact]
    public async Task A_missing_path_gives_exit_code_2()
    {
        Ran ran = await Vmcp.RunAsync("plan", "-f", _folder["none"]);

        ran.ExitCode.ShouldBe(2);
        ran.Error.ShouldContain("does not exist");
    }

    [Fact]
    public async Task No_difference_is_exit_code_0_and_silent()
    {
        string one = _folder.Write("1.yaml", Join(Group, Server("inline"), Github));
        string two = _folder.Write("2.yaml", Join(Github, Server("inline"), Group));
        Ran ran = await Vmcp.RunAsync("plan", "-f", one, "--diff", two);

        ran.ShouldBe(new Ran(0, "", ""));
    }

    [Fact]
    public async Task A_name_that_is_on_neither_side_is_no_agreement()
    {
        string one = _folder.Write("one.yaml", Join(Group, Server("inline"), Github));

        Ran ran = await Vmcp.RunAsync("plan", "-f", one, "--diff", one, "--name", "egn");

        ran.ExitCode.ShouldBe(2);
        ran.Error.ShouldContain("the manifests hold no VirtualMCPServer \"egn\"");
    }

    [Fact]
    public async Task A_server_on_one_side_only_is_a_difference()
    {
        string with = _folder.Write("with.yaml", Join(Group, Server("inline"), Github)), without = _folder.Write("without.yaml", Join(Group, Github));

        Ran gone = await Vmcp.RunAsync("plan", "-f", with, "--diff", without);

        gone.ExitCode.ShouldBe(1);
        gone.Out.ShouldContain("+++ /dev/null");
    }

    [Fact]
    public async Task A_difference_is_shown_object_by_object_with_exit_code_1()
    {
        string one = _folder.Write("1.yaml", Join(Group, Server("inline"), Github));
        string two = _folder.Write("2.yaml", Join(Group, Server("discovered"), Github));
        Ran ran = await Vmcp.RunAsync("plan", "-f", one, "--diff", two);

        ran.ExitCode.ShouldBe(1, ran.Error);
        ran.Out.ShouldContain("--- /dev/null\n+++ b/tools/eng/Role/eng-vmcp\n");
        ran.Out.ShouldContain("--- a/tools/eng/Deployment/eng\n+++ b/tools/eng/Deployment/eng\n@@ ");
        ran.Out.ShouldContain("+        toolhive.stacklok.dev/mode: discovered");
        ran.Out.ShouldContain("a/tools/eng/summary");
        ran.Out.ShouldNotContain("Service/vmcp-eng");
    }

    [Fact]
    public async Task A_server_that_would_be_held_keeps_its_objects_in_a_difference()
    {
        string one = _folder.Write("1.yaml", Join(Group, Server("inline"), Github));
        string two = _folder.Write("2.yaml", Join(Server("inline"), Github));
        Ran ran = await Vmcp.RunAsync("plan", "-f", one, "--diff", two);

        ran.ExitCode.ShouldBe(1, ran.Error);
        ran.Out.ShouldContain("+VirtualMCPServer tools/eng: held");
        ran.Out.ShouldNotContain("Deployment/eng");
    }

    [Fact]
    public async Task The_order_of_manifests_makes_no_difference()
    {
        string[] parts = [Group, Server("inline"), Github, Docs, Github.Replace("github", "gitlab", StringComparison.Ordinal)];
        Ran first = await Vmcp.RunAsync("plan", "-f", _folder.Write("m.yaml", Join(parts)));
        Random random = new(5);
        for (int i = 0; i < 20; i++)
        {
            random.Shuffle(parts);
            (await Vmcp.RunAsync("plan", "-f", _folder.Write("m.yaml", Join(parts)))).ShouldBe(first);
        }
    }

    private static string Server(string source) => $$"""
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: VirtualMCPServer
        metadata: {name: eng, namespace: tools}
        spec: {groupRef: {name: eng}, incomingAuth: {type: anonymous}, outgoingAuth: {source: {{source}} } }
        """;

    private static string Join(params IEnumerable<string> documents) => string.Join("\n---\n", documents);

    private static string ToJson(string yaml) => KubeYaml.ReadAll(yaml, "x").Single().Body.ToJsonString();

    private static string Name(YamlDocument document) => $"{document.Body["kind"]}/{document.Body["metadata"]!["name"]}";

    private static string Config(Ran ran) =>
        KubeYaml.ReadAll(ran.Out, "out").Single(d => d.Body["kind"]!.GetValue<string>() == "ConfigMap").Body["data"]!["config.yaml"]!.GetValue<string>();
}
