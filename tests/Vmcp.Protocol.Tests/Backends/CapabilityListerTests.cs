using System.Text;
using Vmcp.Core.Capabilities;
using Vmcp.Protocol.Backends;
using Vmcp.TestKit;

namespace Vmcp.Protocol.Tests.Backends;

public sealed class CapabilityListerTests : IDisposable
{
    private readonly Wire _wire = new();

    public void Dispose() => _wire.Dispose();

    [Theory]
    [InlineData(BackendEra.Legacy)]
    [InlineData(BackendEra.Modern)]
    [InlineData(BackendEra.HttpSse)]
    public async Task All_pages_are_read_in_order_and_items_keep_their_bytes(BackendEra era)
    {
        const string Odd = """{ "name":"t\u0030", "x" : [1.0e+1], "title":"é" ,"inputSchema":{"type":"object"}}""";
        await using ScriptedBackend backend = await StartAsync(era, s =>
        {
            s.PageSize = 2;
            s.Tool("t0", rawJson: Odd);
            for (int i = 1; i < 7; i++)
                s.Tool($"t{i}");
            s.Prompt("p").Resource("test://r").Template("test://{id}");
        });
        await using BackendLink link = await OpenAsync(backend);

        ListOutcome tools = await ListAsync(link, CapabilityKind.Tools);

        tools.Failure.ShouldBeNull();
        tools.Items.Select(i => i.Key).ShouldBe(Enumerable.Range(0, 7).Select(i => $"t{i}"));
        Encoding.UTF8.GetString(tools.Items[0].Json.Span).ShouldBe(Odd);
        (await ListAsync(link, CapabilityKind.Prompts)).Items.ShouldHaveSingleItem().Key.ShouldBe("p");
        (await ListAsync(link, CapabilityKind.Resources)).Items.ShouldHaveSingleItem().Key.ShouldBe("test://r");
        (await ListAsync(link, CapabilityKind.ResourceTemplates)).Items.ShouldHaveSingleItem().Key.ShouldBe("test://{id}");
        CapabilityLister.IsAdvertised(link, CapabilityKind.Prompts).ShouldBeTrue();
        CapabilityLister.PromisesChanges(link, CapabilityKind.Tools).ShouldBeTrue();
    }

    [Theory]
    [InlineData(BackendEra.Legacy, true, "in a circle")]
    [InlineData(BackendEra.Legacy, false, "more than")]
    [InlineData(BackendEra.Modern, true, "in a circle")]
    public async Task A_list_without_an_end_costs_only_itself(BackendEra era, bool sameCursor, string reason)
    {
        await using ScriptedBackend backend = await StartAsync(era, s => s.Tool("t").Prompt("p"));
        await using BackendLink link = await OpenAsync(backend);
        backend.Behaviour = Behaviour.EndlessList(sameCursor).For("tools/list");

        ListOutcome tools = await ListAsync(link, CapabilityKind.Tools);

        tools.Items.ShouldBeEmpty();
        tools.Failure!.Reason.ShouldContain(reason);
        (await ListAsync(link, CapabilityKind.Prompts)).Items.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(BackendEra.Legacy)]
    [InlineData(BackendEra.Modern)]
    public async Task A_list_of_200_MB_is_given_up(BackendEra era)
    {
        await using ScriptedBackend backend = await StartAsync(era, s => s.Tool("t"));
        await using BackendLink link = await OpenAsync(backend);
        backend.Behaviour = Behaviour.HugeList(200_000_000);

        ListOutcome tools = await ListAsync(link, CapabilityKind.Tools);

        tools.Items.ShouldBeEmpty();
        tools.Failure.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("""{"tools":{}}""", false, false)]
    [InlineData("""{"tools":{"listChanged":true},"prompts":{}}""", true, true)]
    [InlineData("""{"tools":{"listChanged":false},"prompts":{}}""", true, false)]
    [InlineData("""{"prompts":null,"tools":{"listChanged":"yes"}}""", true, false)]
    public async Task What_is_advertised_is_read_from_the_handshake(string capabilities, bool prompts, bool changes)
    {
        await using ScriptedBackend backend = await StartAsync(BackendEra.Legacy, s =>
        {
            s.CapabilitiesJson = capabilities;
            s.Tool("t");
        });
        await using BackendLink link = await OpenAsync(backend);

        CapabilityLister.IsAdvertised(link, CapabilityKind.Prompts).ShouldBe(prompts);
        CapabilityLister.PromisesChanges(link, CapabilityKind.Tools).ShouldBe(changes);
    }

    private static Task<ScriptedBackend> StartAsync(BackendEra era, Action<BackendScript> script) => ScriptedBackend.StartAsync(s =>
    {
        s.Era = era;
        script(s);
    });

    private static Task<ListOutcome> ListAsync(BackendLink link, CapabilityKind kind) =>
        CapabilityLister.ListAsync(link, kind, Wire.Identity, CancellationToken.None);

    private async Task<BackendLink> OpenAsync(ScriptedBackend backend)
    {
        LinkOutcome outcome = await _wire.OpenAsync(backend);
        return outcome.Link.ShouldNotBeNull(outcome.Failure?.Reason);
    }
}
