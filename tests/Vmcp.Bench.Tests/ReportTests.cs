using System.Text.Json.Nodes;
using System.Xml.Linq;
using Vmcp.Bench.Measures;
using Vmcp.Bench.Results;

namespace Vmcp.Bench.Tests;

public sealed class ReportTests
{
    private static readonly CallReport Report = new(
    [
        new CallRow(new CallCase("Modern", 16, 200, 1, "off", false), FigureTests.Rounds(1_000)),
        FigureTests.Row(FigureTests.Rounds(400), FigureTests.Rounds(1_000)),
    ]);

    [Fact]
    public void The_json_holds_every_round_and_no_number_that_is_none()
    {
        JsonArray rows = JsonNode.Parse(Report.ToJson([]))!["rows"]!.AsArray();

        rows.Count.ShouldBe(2);
        ((double?)rows[0]!["ratioToDirect"]).ShouldBeNull();
        ((double?)rows[1]!["ratioToDirect"]).ShouldBe(0.4);
        rows[1]!["rounds"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public void Table_and_page_have_a_line_for_each_row()
    {
        Report.ToTable().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(3);
        string[] page = Report.ToMarkdown().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        page.Length.ShouldBe(4);
        page.Select(l => l.Count(c => c == '|')).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public void The_picture_is_well_formed_and_shows_every_bar_and_the_budget()
    {
        Chart chart = new("Calls < direct & more", "ratio", budget: 0.38);
        chart.Add("Modern", [new Bar("1 client", 0.31), new Bar("16 clients", 0.4)]);
        chart.Add("Legacy", [new Bar("1 client", 0.2), new Bar("16 clients", 0.35)]);

        XElement svg = XElement.Parse(chart.ToSvg());

        XNamespace ns = "http://www.w3.org/2000/svg";
        svg.Elements(ns + "rect").Count().ShouldBe(4 + 2); // bars and legend
        svg.Elements(ns + "text").ShouldContain(t => t.Value == "budget 0.38");
        svg.Element(ns + "title")!.Value.ShouldBe("Calls < direct & more");
    }

    [Fact]
    public void Every_pair_of_eras_is_measured_with_every_size_and_number_of_clients()
    {
        CallCase[] all = [.. CallMatrix.All()];

        all.Distinct().Count().ShouldBe(all.Length);
        all.Where(c => c is { Backends: 1, Auth: "off" }).GroupBy(c => c.Pair).Select(g => (g.Key, g.Count())).ShouldAllBe(g => g.Item2 == 9);
        all.Select(c => c.Backends).Distinct().Order().ShouldBe([1, 10, 100]);
        all.Select(c => c.Auth).Distinct().Order(StringComparer.Ordinal).ShouldBe(["exchange", "header", "off"]);
        all.ShouldAllBe(c => !c.Direct.ViaGateway && c.Direct.Clients == c.Clients && c.Direct.Payload == c.Payload);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"hi"}]}}""", true)]
    [InlineData("event: message\ndata: {\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}}\n\n", true)]
    [InlineData("""{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"hi"}}""", false)]
    [InlineData("""{"result":{"content":[{"type":"text","text":"hi"}],"isError":true}}""", false)]
    public void An_error_is_no_echo_whatever_its_status(string answer, bool isEcho) => Vmcp.Bench.Running.Handshake.IsEcho(answer, "hi").ShouldBe(isEcho);
}
