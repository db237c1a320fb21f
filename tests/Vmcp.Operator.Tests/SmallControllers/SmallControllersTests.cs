using System.Text.Json;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.Operator.Tests.SmallControllers;

public sealed class SmallControllersTests
{
    private const string Group = """
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPGroup
        metadata: {name: eng}
        spec: {}
        """;

    private const string Entry = """
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPServerEntry
        metadata: {name: docs}
        spec:
          remoteUrl: https://docs.example.com/mcp
          transport: streamable-http
          groupRef: {name: eng}
          headerForward: {addHeadersFromSecret: [{headerName: X-Key, valueSecretRef: {name: docs, key: apiKey}}]}
        """;

    private const string Secret = """
        apiVersion: v1
        kind: Secret
        metadata: {name: docs}
        data: {apiKey: aHVudGVyMg==}
        """;

    [Fact]
    public async Task The_status_of_a_group_follows_its_members()
    {
        await using SmallWorld world = new();
        await world.ApplyAsync(Group);
        await world.UntilAsync(ToolHive.MCPGroup, "eng", g => Text(g, "phase") == "Ready" && Number(g, "serverCount") == 0);

        await world.ApplyAsync(Server("b") + "\n---\n" + Server("a") + "\n---\n" + Entry);
        KubeObject full = (await world.UntilAsync(ToolHive.MCPGroup, "eng", g => Number(g, "serverCount") == 2 && Number(g, "entryCount") == 1))!;
        full.At("status", "servers")!.Value.GetRawText().ShouldBe("""["a","b"]""");
        full.At("status", "entries")!.Value.GetRawText().ShouldBe("""["docs"]""");
        full.Meta.Finalizers.ShouldBeEmpty();

        await world.DeleteAsync(ToolHive.MCPServer, "a");
        await world.UntilAsync(ToolHive.MCPGroup, "eng", g => Number(g, "serverCount") == 1);
        await world.ApplyAsync(Server("b").Replace("{name: eng}", "{name: other}", StringComparison.Ordinal));
        await world.UntilAsync(ToolHive.MCPGroup, "eng", g => Number(g, "serverCount") == 0);
    }

    [Fact]
    public async Task A_group_goes_at_once_even_with_the_finalizer_of_another_operator()
    {
        await using SmallWorld world = new();
        await world.ApplyAsync(Group.Replace("name: eng}", "name: eng, finalizers: [toolhive.stacklok.dev/mcpgroup-finalizer]}", StringComparison.Ordinal));
        await world.UntilAsync(ToolHive.MCPGroup, "eng", g => Text(g, "phase") == "Ready");

        await world.DeleteAsync(ToolHive.MCPGroup, "eng");

        await world.UntilAsync(ToolHive.MCPGroup, "eng", g => g is null);
    }

    [Fact]
    public async Task An_entry_becomes_valid_when_its_group_and_secret_appear_and_invalid_when_the_secret_goes()
    {
        await using SmallWorld world = new();
        await world.ApplyAsync(Entry);
        await world.ConditionAsync(ToolHive.MCPServerEntry, "docs", "GroupRefValidated=False/GroupRefNotFound");

        await world.ApplyAsync(Group);
        await world.ConditionAsync(ToolHive.MCPServerEntry, "docs", "GroupRefValidated=True/GroupRefIsValid");
        (await world.ConditionAsync(ToolHive.MCPServerEntry, "docs", "HeaderSecretRefsValidated=False/HeaderSecretNotFound")).ShouldContain("no Secret \"docs\"");

        await world.ApplyAsync(Secret);
        KubeObject valid = (await world.UntilAsync(ToolHive.MCPServerEntry, "docs", e => Text(e, "phase") == "Valid"))!;
        SmallWorld.Conditions(valid).ShouldContain(c => c.Word == "Valid=True/ConfigValid");
        valid.Body.GetRawText().ShouldNotContain("aHVudGVyMg");

        await world.DeleteAsync(BuiltIn.Secret, "docs");
        await world.UntilAsync(ToolHive.MCPServerEntry, "docs", e => Text(e, "phase") == "Failed");
    }

    [Fact]
    public async Task The_hash_of_a_configuration_follows_its_spec_and_an_invalid_one_says_so()
    {
        await using SmallWorld world = new();
        await world.ApplyAsync(Auth("X-Key"));
        await world.ConditionAsync(ToolHive.MCPExternalAuthConfig, "auth", "Valid=True/ValidationSucceeded");
        KubeObject before = (await world.UntilAsync(ToolHive.MCPExternalAuthConfig, "auth", a => Text(a, "configHash").Length > 0))!;
        before.Meta.Finalizers.Count.ShouldBeLessThanOrEqualTo(1);

        await world.ApplyAsync(Auth("X-Other"));
        await world.UntilAsync(
            ToolHive.MCPExternalAuthConfig, "auth", a => Text(a, "configHash") is { Length: > 0 } hash && hash != Text(before, "configHash"));

        await world.ApplyAsync(Auth("'X Y'"));
        (await world.ConditionAsync(ToolHive.MCPExternalAuthConfig, "auth", "Valid=False/ValidationFailed")).ShouldContain("spec.headerInjection.headerName");
        KubeObject told = await world.EventAsync("ConfigInvalid");
        told.At("type")!.Value.GetString().ShouldBe("Warning");
        told.At("regarding", "name")!.Value.GetString().ShouldBe("auth");

        await world.ApplyAsync(Auth("X-Key"));
        (await world.EventAsync("ConfigValid")).At("type")!.Value.GetString().ShouldBe("Normal");
    }

    [Fact]
    public async Task A_deletion_is_held_while_a_server_or_an_entry_refers_and_goes_on_after()
    {
        await using SmallWorld world = new();
        string entry = Entry.Replace("headerForward:", "externalAuthConfigRef: {name: auth}\n  headerForward:", StringComparison.Ordinal);
        await world.ApplyAsync(Auth("X-Key") + "\n---\n" + entry + "\n---\n" + Gateway("{name: auth}"));
        await world.UntilAsync(ToolHive.MCPExternalAuthConfig, "auth", a => a!.Meta.Finalizers.Contains("mcpexternalauthconfig.toolhive.stacklok.dev/finalizer"));

        await world.DeleteAsync(ToolHive.MCPExternalAuthConfig, "auth");
        await world.UntilAsync(
            ToolHive.MCPExternalAuthConfig,
            "auth",
            a => SmallWorld.Conditions(a).Any(c =>
                c.Word == "DeletionBlocked=True/ReferencedByWorkloads" && c.Message.Contains("MCPServerEntry/docs, VirtualMCPServer/eng", StringComparison.Ordinal)));

        await world.DeleteAsync(ToolHive.MCPServerEntry, "docs");
        await world.UntilAsync(
            ToolHive.MCPExternalAuthConfig,
            "auth",
            a => SmallWorld.Conditions(a).Any(c => c.Word.StartsWith("DeletionBlocked", StringComparison.Ordinal) && !c.Message.Contains("docs", StringComparison.Ordinal)));
        await world.ApplyAsync(Gateway("{name: other}"));

        await world.UntilAsync(ToolHive.MCPExternalAuthConfig, "auth", a => a is null);
    }

    [Fact]
    public async Task A_deletion_is_held_by_a_server_the_operator_has_not_seen_yet()
    {
        await using SmallWorld world = new(cluster => new BlindCluster(cluster, ToolHive.VirtualMCPServer));
        await world.ApplyAsync(Auth("X-Key"));
        await world.UntilAsync(ToolHive.MCPExternalAuthConfig, "auth", a => a!.Meta.Finalizers.Count == 1);
        await world.ApplyAsync(Gateway("{name: auth}"));

        await world.DeleteAsync(ToolHive.MCPExternalAuthConfig, "auth");

        (await world.ConditionAsync(ToolHive.MCPExternalAuthConfig, "auth", "DeletionBlocked=True/ReferencedByWorkloads")).ShouldContain("VirtualMCPServer/eng");
    }

    [Fact]
    public async Task A_deletion_nobody_minds_goes_at_once()
    {
        await using SmallWorld world = new();
        await world.ApplyAsync(Auth("X-Key"));
        await world.UntilAsync(ToolHive.MCPExternalAuthConfig, "auth", a => a!.Meta.Finalizers.Count == 1);

        await world.DeleteAsync(ToolHive.MCPExternalAuthConfig, "auth");

        await world.UntilAsync(ToolHive.MCPExternalAuthConfig, "auth", a => a is null);
    }

    [Fact]
    public async Task A_workflow_names_the_servers_that_use_it()
    {
        await using SmallWorld world = new();
        await world.ApplyAsync("""
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: VirtualMCPCompositeToolDefinition
            metadata: {name: flow}
            spec: {name: flow, description: d, steps: [{id: a, type: tool, tool: t}]}
            """);
        await world.ConditionAsync(ToolHive.VirtualMCPCompositeToolDefinition, "flow", "Ready=True/WorkflowReady");

        await world.ApplyAsync(Gateway("{name: x}"));
        KubeObject used = (await world.UntilAsync(
            ToolHive.VirtualMCPCompositeToolDefinition, "flow", d => d?.At("status", "referencingVirtualServers")?.GetArrayLength() == 1))!;
        used.At("status", "referencingVirtualServers")!.Value.GetRawText().ShouldBe("""["eng"]""");
        Text(used, "validationStatus").ShouldBe("Valid");
    }

    [Fact]
    public async Task Only_selected_controllers_run()
    {
        await using SmallWorld world = new("mcpgroup");
        await world.ApplyAsync(Auth("X-Key") + "\n---\n" + Group);
        await world.UntilAsync(ToolHive.MCPGroup, "eng", g => Text(g, "phase") == "Ready");

        KubeObject auth = (await world.GetAsync(ToolHive.MCPExternalAuthConfig, "auth"))!;
        auth.At("status").ShouldBeNull();
        auth.Meta.Finalizers.ShouldBeEmpty();
    }

    [Fact]
    public async Task At_rest_nothing_is_written()
    {
        await using SmallWorld world = new();
        await world.ApplyAsync(Group + "\n---\n" + Secret + "\n---\n" + Entry + "\n---\n" + Auth("X-Key"));
        await world.UntilAsync(ToolHive.MCPServerEntry, "docs", e => Text(e, "phase") == "Valid");
        await world.UntilAsync(ToolHive.MCPExternalAuthConfig, "auth", a => a!.Meta.Finalizers.Count == 1 && Text(a, "configHash").Length > 0);
        await world.UntilAsync(ToolHive.MCPGroup, "eng", g => Number(g, "entryCount") == 1);

        // A new label wakes every controller of the kinds; each finds its status as it should be.
        await world.ApplyAsync(Entry.Replace("name: docs}", "name: docs, labels: {x: y}}", StringComparison.Ordinal));
        string[] versions = await Versions(world);
        await world.ApplyAsync(Group.Replace("eng", "other", StringComparison.Ordinal));
        await world.UntilAsync(ToolHive.MCPGroup, "other", g => Text(g, "phase") == "Ready");

        (await Versions(world)).ShouldBe(versions);
    }

    private static async Task<string[]> Versions(SmallWorld world) =>
    [
        (await world.GetAsync(ToolHive.MCPGroup, "eng"))!.Meta.ResourceVersion,
        (await world.GetAsync(ToolHive.MCPServerEntry, "docs"))!.Meta.ResourceVersion,
        (await world.GetAsync(ToolHive.MCPExternalAuthConfig, "auth"))!.Meta.ResourceVersion,
    ];

    private static string Server(string name) => $$"""
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPServer
        metadata: {name: {{name}}}
        spec: {image: x, groupRef: {name: eng} }
        """;

    private static string Auth(string header) => $$"""
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPExternalAuthConfig
        metadata: {name: auth}
        spec: {type: headerInjection, headerInjection: {headerName: {{header}}, valueSecretRef: {name: docs, key: apiKey} } }
        """;

    private static string Gateway(string auth) => $$"""
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: VirtualMCPServer
        metadata: {name: eng}
        spec:
          groupRef: {name: eng}
          incomingAuth: {type: anonymous}
          outgoingAuth: {backends: {a: {type: externalAuthConfigRef, externalAuthConfigRef: {{auth}} } } }
          config: {compositeToolRefs: [{name: flow}]}
        """;

    private static string Text(KubeObject? item, string field) =>
        item?.At("status", field) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";

    private static int? Number(KubeObject? item, string field) =>
        item?.At("status", field) is { ValueKind: JsonValueKind.Number } value ? value.GetInt32() : null;
}
