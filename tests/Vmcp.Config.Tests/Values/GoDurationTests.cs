using Vmcp.Config.Values;

namespace Vmcp.Config.Tests.Values;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("30s", 30_000d)]
    [InlineData("1m30s", 90_000d)]
    [InlineData("500ms", 500d)]
    [InlineData("1.5h", 5_400_000d)]
    [InlineData("1h1m1s", 3_661_000d)]
    [InlineData("100us", 0.1d)]
    [InlineData("100µs", 0.1d)]
    [InlineData("200ns", 0.0002d)]
    [InlineData("0s", 0d)]
    [InlineData(".5s", 500d)]
    public void Go_spelling_is_understood(string text, double milliseconds)
    {
        GoDuration.TryParse(text, out TimeSpan value, out _).ShouldBeTrue();
        value.ShouldBe(TimeSpan.FromTicks((long)Math.Round(milliseconds * TimeSpan.TicksPerMillisecond)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("30")]
    [InlineData("s")]
    [InlineData("30 s")]
    [InlineData("30S")]
    [InlineData("1d")]
    [InlineData("-5s")]
    [InlineData("1..5s")]
    [InlineData("1s2")]
    [InlineData("999999999h")]
    [InlineData("99999999999999999999999999999999999h")]
    [InlineData("1ns")]
    [InlineData("1e3s")]
    [InlineData("१s")]
    public void Other_spelling_is_refused(string text) => GoDuration.TryParse(text, out _, out _).ShouldBeFalse();

    [Theory]
    [InlineData(60_000, "1m0s")]
    [InlineData(30_000, "30s")]
    [InlineData(1_500, "1.5s")]
    [InlineData(250, "250ms")]
    [InlineData(3_600_000, "1h0m0s")]
    [InlineData(0, "0s")]
    public void Durations_are_written_as_go_prints_them(int milliseconds, string text) =>
        GoDuration.Format(TimeSpan.FromMilliseconds(milliseconds)).ShouldBe(text);

    [Fact]
    public void What_is_written_reads_back_to_the_tick()
    {
        Random random = new(7);
        for (int i = 0; i < 5000; i++)
        {
            TimeSpan value = TimeSpan.FromTicks((long)Math.Pow(10, random.NextDouble() * 16));
            string text = GoDuration.Format(value);
            GoDuration.TryParse(text, out TimeSpan back, out _).ShouldBeTrue(text);
            back.ShouldBe(value, text);
        }
    }
}
