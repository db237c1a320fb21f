using System.Diagnostics;
using Vmcp.Config.Reading;

namespace Vmcp.Config.Tests.Reading;

public sealed class SizeTests
{
    [Theory]
    [InlineData("a: ")]
    [InlineData("- ")]
    [InlineData("- a\n")]
    [InlineData("a\n")]
    [InlineData("? ")]
    [InlineData("[")]
    [InlineData("{")]
    [InlineData("{a: ")]
    [InlineData("a,")]
    [InlineData("\n")]
    [InlineData(" \n")]
    [InlineData("#")]
    [InlineData("!")]
    [InlineData("&a ")]
    [InlineData("*a ")]
    [InlineData("%")]
    [InlineData("\"")]
    [InlineData("'")]
    [InlineData("|\n")]
    [InlineData("---\n")]
    [InlineData("...\n")]
    [InlineData("{}{}")]
    [InlineData("\\")]
    [InlineData("😀")]
    public void A_full_size_file_of_nonsense_is_answered_in_bounded_time(string part)
    {
        string yaml = string.Concat(Enumerable.Repeat(part, (YamlTree.MaxLength / part.Length) - 10));
        long start = Stopwatch.GetTimestamp();

        foreach (string text in new[] { yaml, "name: " + yaml, "[" + yaml, "name: \"" + yaml })
            ConfigReader.Read(text, "a");

        // Linear work takes some hundred milliseconds; quadratic work takes hours.
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void Deep_maps_with_long_keys_do_not_multiply()
    {
        string key = new('k', 1000);
        string open = string.Concat(Enumerable.Repeat($"{{{key}: ", 50));
        string leaves = string.Join(", ", Enumerable.Range(0, 40_000).Select(i => $"a{i}: b"));
        long before = GC.GetAllocatedBytesForCurrentThread();

        ConfigReader.Read($"compositeTools: [{{parameters: {open}{{{leaves}}}{new string('}', 50)}}}]", "a").Problems.ShouldBeEmpty();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(500L * 1024 * 1024);
    }

    [Fact]
    public void Keys_are_bounded() =>
        ConfigReader.Read($"metadata:\n  ? {new string('k', 1025)}\n  : v", "a").Problems.ShouldHaveSingleItem().Message.ShouldBe("a key has at most 1024 characters");
}
