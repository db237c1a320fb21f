using Vmcp.Cli.Serving;
using Vmcp.Core.Status;
using Vmcp.TestKit;

namespace Vmcp.Cli.Tests.Manifests;

/// <summary>Files come, change and go under an open session.</summary>
public sealed class LiveManifestTests
{
    private const string Changed = "notifications/tools/list_changed";

    [Fact]
    [Trait("Scenario", "NEW-LIVE-01")]
    [Trait("Scenario", "LIVE-01")]
    public async Task A_dropped_file_makes_its_tool_appear_in_open_sessions_of_both_eras()
    {
        using TempFolder folder = new();
        await using ScriptedBackend notes = await ScriptedBackend.StartAsync(), dice = await ScriptedBackend.StartAsync(b => b.Tool("roll"));
        folder.Write("group.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("notes", notes.Url)));
        await using ManifestGateway gateway = await ManifestGateway.StartAsync(folder);
        await using LegacyClient legacy = await gateway.ConnectAsync();
        await using ModernClient modern = new(gateway.Endpoint);
        await using ServerStream stream = await legacy.OpenStreamAsync();
        await using ListenStream listen = await modern.ListenAsync("""{"toolsListChanged":true}""");
        (await legacy.ListToolNamesAsync()).ShouldBe(["notes_echo"]);

        gateway.Write("dice.yaml", Yaml.Server("dice", dice.Url));

        await stream.NextAsync(Changed);
        await listen.NextAsync(Changed);
        (await legacy.ListToolNamesAsync()).ShouldBe(["dice_roll", "notes_echo"], ignoreOrder: true);
        (await modern.ListToolNamesAsync()).ShouldBe(["dice_roll", "notes_echo"], ignoreOrder: true);
        (await legacy.CallToolAsync("dice_roll")).Success();
        dice.RequestsFor("tools/call").Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Scenario", "LIVE-02")]
    public async Task A_deleted_file_withdraws_its_tool_and_a_call_to_it_is_a_clear_error()
    {
        using TempFolder folder = new();
        await using ScriptedBackend notes = await ScriptedBackend.StartAsync(), dice = await ScriptedBackend.StartAsync(b => b.Tool("roll"));
        folder.Write("group.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("notes", notes.Url)));
        folder.Write("dice.yaml", Yaml.Server("dice", dice.Url));
        await using ManifestGateway gateway = await ManifestGateway.StartAsync(folder);
        await using LegacyClient client = await gateway.ConnectAsync();
        await using ServerStream stream = await client.OpenStreamAsync();
        (await client.ListToolNamesAsync()).ShouldContain("dice_roll");

        gateway.Delete("dice.yaml");

        await stream.NextAsync(Changed);
        (await client.ListToolNamesAsync()).ShouldBe(["notes_echo"]);
        (await client.CallToolAsync("dice_roll")).ToString().ShouldContain("dice_roll");
        dice.RequestsFor("tools/call").ShouldBeEmpty();
        (await client.CallToolAsync("notes_echo", """{"text":"x"}""")).Success();
    }

    [Fact]
    [Trait("Scenario", "LIVE-04")]
    public async Task An_edited_address_moves_the_calls()
    {
        using TempFolder folder = new();
        await using ScriptedBackend old = await ScriptedBackend.StartAsync(), next = await ScriptedBackend.StartAsync();
        folder.Write("all.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("notes", old.Url)));
        await using ManifestGateway gateway = await ManifestGateway.StartAsync(folder);
        await using LegacyClient client = await gateway.ConnectAsync();
        (await client.CallToolAsync("notes_echo", """{"text":"x"}""")).Success();
        old.RequestsFor("tools/call").Count.ShouldBe(1);

        gateway.Write("all.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("notes", next.Url)));

        await Eventually.BecomesAsync(
            async () =>
            {
                await client.CallToolAsync("notes_echo", """{"text":"x"}""");
                return next.RequestsFor("tools/call").Count > 0;
            },
            "a call reaches the new address");
    }

    [Fact]
    [Trait("Scenario", "LIVE-05")]
    public async Task A_rotated_secret_changes_the_header_the_backend_sees()
    {
        using TempFolder folder = new();
        await using ScriptedBackend notes = await ScriptedBackend.StartAsync();
        folder.Write("secret.yaml", Yaml.Secret("key", "value", "first"));
        folder.Write("all.yaml", Yaml.Documents(
            Yaml.Group, Yaml.HeaderAuth("auth", "key", "value"), Yaml.Server("notes", notes.Url, ", externalAuthConfigRef: {name: auth}")));
        await using ManifestGateway gateway = await ManifestGateway.StartAsync(folder);
        await using LegacyClient client = await gateway.ConnectAsync();
        (await CallAsync()).ShouldBe("first");

        gateway.Write("secret.yaml", Yaml.Secret("key", "value", "second"));

        await Eventually.BecomesAsync(async () => await CallAsync() == "second", "the new secret is sent");
        string report = System.Text.Encoding.UTF8.GetString(StatusJson.Status(gateway.Server.Status));
        report.ShouldNotContain("first");
        report.ShouldNotContain("second");

        async Task<string?> CallAsync()
        {
            await client.CallToolAsync("notes_echo", """{"text":"x"}""");
            return notes.RequestsFor("tools/call")[^1].Header("X-Api-Key");
        }
    }

    [Fact]
    [Trait("Scenario", "LIVE-06")]
    public async Task A_member_whose_secret_is_gone_is_withdrawn_and_named_and_comes_back_with_it()
    {
        using TempFolder folder = new();
        await using ScriptedBackend notes = await ScriptedBackend.StartAsync(), plain = await ScriptedBackend.StartAsync();
        folder.Write("all.yaml", Yaml.Documents(
            Yaml.Group,
            Yaml.HeaderAuth("auth", "key", "value"),
            Yaml.Server("notes", notes.Url, ", externalAuthConfigRef: {name: auth}"),
            Yaml.Server("plain", plain.Url)));
        await using ManifestGateway gateway = await ManifestGateway.StartAsync(folder);
        await using LegacyClient client = await gateway.ConnectAsync();

        (await client.ListToolNamesAsync()).ShouldBe(["plain_echo"]);
        gateway.Server.Status.Unserved.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            u => u.Name.ShouldBe("notes"), u => u.Reason.ShouldBe("SecretNotFound"), u => u.Message.ShouldContain("\"key\""));

        gateway.Write("secret.yaml", Yaml.Secret("key", "value", "v"));

        await Eventually.BecomesAsync(async () => (await client.ListToolNamesAsync()).Count == 2, "the member is served");
        notes.Requests.ShouldAllBe(r => r.Header("X-Api-Key") == "v");
    }

    [Fact]
    public async Task A_broken_file_takes_nothing_away_and_shows_in_the_status_until_it_is_mended()
    {
        using TempFolder folder = new();
        await using ScriptedBackend notes = await ScriptedBackend.StartAsync();
        folder.Write("group.yaml", Yaml.Group);
        folder.Write("notes.yaml", Yaml.Server("notes", notes.Url));
        await using ManifestGateway gateway = await ManifestGateway.StartAsync(folder);
        await using LegacyClient client = await gateway.ConnectAsync();
        gateway.Server.Status.Source.ShouldNotBeNull().Kind.ShouldBe("manifests");

        gateway.Write("notes.yaml", "kind: MCPServer\nmetadata: [");
        await Eventually.BecomesAsync(() => gateway.Server.Status.Source!.Trouble is not null, "the trouble is told");

        gateway.Server.Status.Source!.Trouble.ShouldStartWith("notes.yaml:");
        (await client.ListToolNamesAsync()).ShouldBe(["notes_echo"]);

        gateway.Write("notes.yaml", Yaml.Server("notes", notes.Url));
        await Eventually.BecomesAsync(() => gateway.Server.Status.Source!.Trouble is null, "the trouble is over");
    }

    [Fact]
    [Trait("Scenario", "LIVE-03")]
    public async Task A_member_that_moves_to_another_group_leaves()
    {
        using TempFolder folder = new();
        await using ScriptedBackend notes = await ScriptedBackend.StartAsync(), dice = await ScriptedBackend.StartAsync();
        folder.Write("group.yaml", Yaml.Documents(Yaml.Group, Yaml.Server("notes", notes.Url)));
        folder.Write("dice.yaml", Yaml.Server("dice", dice.Url));
        await using ManifestGateway gateway = await ManifestGateway.StartAsync(folder);
        await using LegacyClient client = await gateway.ConnectAsync();
        await using ServerStream stream = await client.OpenStreamAsync();
        (await client.ListToolNamesAsync()).Count.ShouldBe(2);

        gateway.Write("dice.yaml", Yaml.Server("dice", dice.Url).Replace("name: team", "name: other", StringComparison.Ordinal));

        await stream.NextAsync(Changed);
        (await client.ListToolNamesAsync()).ShouldBe(["notes_echo"]);
    }

    [Fact]
    public async Task The_outgoing_auth_and_the_config_of_the_groups_server_hold_and_are_followed()
    {
        using TempFolder folder = new();
        await using ScriptedBackend notes = await ScriptedBackend.StartAsync(b => b.Tool("read").Tool("write"));
        folder.Write("all.yaml", Yaml.Documents(Yaml.Group, Yaml.Secret("key", "value", "shared"), Yaml.HeaderAuth("auth", "key", "value"), Yaml.Server("notes", notes.Url)));
        folder.Write("front.yaml", Front("prefix", "read"));
        await using ManifestGateway gateway = await ManifestGateway.StartAsync(folder);
        await using LegacyClient client = await gateway.ConnectAsync();
        await using ServerStream stream = await client.OpenStreamAsync();

        (await client.ListToolNamesAsync()).ShouldBe(["notes.read"]);
        client.InitializeResult.GetProperty("serverInfo").GetProperty("name").GetString().ShouldBe("front");
        (await client.CallToolAsync("notes.read")).Success();
        notes.RequestsFor("tools/call").ShouldHaveSingleItem().Header("X-Api-Key").ShouldBe("shared");

        gateway.Write("front.yaml", Front("prefix", "write"));
        await stream.NextAsync(Changed);
        (await client.ListToolNamesAsync()).ShouldBe(["notes.write"]);

        gateway.Write("front.yaml", Front("nonsense", "read"));
        await Eventually.BecomesAsync(() => gateway.Server.Status.Config.LastReloadError is not null, "the bad edit is told");
        gateway.Server.Status.Config.LastReloadError.ShouldNotBeNull().ShouldContain("nonsense");
        (await client.ListToolNamesAsync()).ShouldBe(["notes.write"]);

        gateway.Write("front.yaml", Front("prefix", "read"));
        await stream.NextAsync(Changed);
        gateway.Server.Status.Config.LastReloadError.ShouldBeNull();
    }

    [Fact]
    public async Task The_settings_of_a_file_hold_and_are_followed()
    {
        using TempFolder folder = new(), elsewhere = new();
        await using ScriptedBackend notes = await ScriptedBackend.StartAsync(b => b.Tool("read").Tool("write"));
        folder.Write("all.yaml", Yaml.Documents(Yaml.Group, Yaml.Group.Replace("team", "another", StringComparison.Ordinal), Yaml.Server("notes", notes.Url)));
        string config = elsewhere.Write("vmcp.yaml", Settings("read"));
        await using ManifestGateway gateway = await ManifestGateway.StartAsync(folder, new ServeRequest { ConfigPath = config });
        await using LegacyClient client = await gateway.ConnectAsync();
        (await client.ListToolNamesAsync()).ShouldBe(["notes_read"]);

        elsewhere.Write("vmcp.yaml", Settings("write"));
        await Eventually.BecomesAsync(async () => await client.ListToolNamesAsync() is ["notes_write"], "the edit holds");

        elsewhere.Write("vmcp.yaml", Settings("read") + "outgoingAuth: {source: discovered, default: {type: unauthenticated}}\n");
        await Eventually.BecomesAsync(() => gateway.Server.Status.Config.LastReloadError is not null, "an edit without effect is refused");
        gateway.Server.Status.Config.LastReloadError.ShouldNotBeNull().ShouldContain("credentials come from the directory");

        static string Settings(string tool) => $"name: mine\ngroupRef: team\naggregation: {{tools: [{{workload: notes, filter: [{tool}]}}]}}\n";
    }

    private static string Front(string resolution, string tool) => $$"""
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: VirtualMCPServer
        metadata: {name: front}
        spec:
          groupRef: {name: team}
          incomingAuth: {type: anonymous}
          outgoingAuth: {default: {type: externalAuthConfigRef, externalAuthConfigRef: {name: auth} } }
          config:
            aggregation:
              conflictResolution: {{resolution}}
              conflictResolutionConfig: {prefixFormat: "{workload}."}
              tools: [{workload: notes, filter: [{{tool}}]}]

        """;
}
