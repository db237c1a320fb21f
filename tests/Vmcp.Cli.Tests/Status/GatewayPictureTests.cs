using System.Text.Json;
using Vmcp.Cli.Status;

namespace Vmcp.Cli.Tests.Status;

public sealed class GatewayPictureTests
{
    private static readonly DateTimeOffset Now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("""{"backends":[]}""", true)]
    [InlineData("""{"backends":[],"ready":false}""", false)]
    [InlineData("""{"backends":[{"name":"a","health":"degraded"}],"ready":true}""", true)]
    [InlineData("""{"backends":[{"name":"a","health":"unauthenticated"}],"ready":true}""", false)]
    [InlineData("""{"backends":[{"name":"a","health":"unhealthy"},{"name":"b","health":"healthy"}]}""", true)]
    public void A_gateway_is_well_when_ready_with_a_backend_to_call(string status, bool well) => Read(status)!.IsWell.ShouldBe(well);

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"backends":7}""")]
    public void Another_document_is_no_picture(string status) => Read(status).ShouldBeNull();

    [Fact]
    public void Odd_members_are_left_empty()
    {
        GatewayPicture picture = Read("""{"backends":[7,{"name":1,"breaker":[],"last_check":"soon"}],"catalog":"x","config":null,"sessions":"many"}""")!;

        picture.Backends.Count.ShouldBe(2);
        picture.Backends[1].LastCheck.ShouldBeNull();
        picture.Sessions.ShouldBe(0);
    }

    [Fact]
    public void Escape_sequences_of_the_other_side_do_not_reach_the_screen() =>
        Read("""{"backends":[{"name":"a\u001b[2Jb"}]}""")!.Backends[0].Name.ShouldBe("a?[2Jb");

    [Theory]
    [InlineData(0, "now")]
    [InlineData(-5, "now")]
    [InlineData(12, "12s ago")]
    [InlineData(125, "2m ago")]
    [InlineData(7300, "2h ago")]
    [InlineData(200_000, "2d ago")]
    public void Ages_are_short(int seconds, string text) => StatusTable.Age(Now.AddSeconds(-seconds), Now).ShouldBe(text);

    [Fact]
    public void The_zero_time_is_never()
    {
        GatewayPicture picture = Read("""{"backends":[{"name":"a","last_check":"0001-01-01T00:00:00Z"}]}""")!;

        StatusTable.Age(picture.Backends[0].LastCheck, Now).ShouldBe("never");
    }

    private static GatewayPicture? Read(string status)
    {
        using JsonDocument document = JsonDocument.Parse(status);
        return GatewayPicture.Read(document.RootElement);
    }
}
