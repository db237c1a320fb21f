using Vmcp.Config.Reading;

namespace Vmcp.Config.Tests.Reading;

public sealed class FuzzTests
{
    private const string Alphabet = "{}[]:,-?&*!|>'\"%@`#~ \t\n\\0aZ_.<=é\u0001\u2028";

    [Fact]
    public void A_damaged_file_never_throws_and_every_problem_has_a_line()
    {
        Random random = new(20260728);
        string[] sources = [Samples.Full, Validation.CompositeTests.Good];
        for (int round = 0; round < 2500; round++)
        {
            string text = sources[round % 2];
            for (int i = random.Next(1, 6); i > 0; i--)
                text = Damage(text, random);
            ConfigResult result = Should.NotThrow(() => Samples.Load(text, Samples.FullEnv), text);
            int lines = 2 + text.Count(c => "\n\r\u2028\u0085".Contains(c, StringComparison.Ordinal));
            result.Problems.ShouldAllBe(p => p.Line > 0 && p.Line <= lines, text);
            (result.Config is null).ShouldBe(result.HasErrors, text);
        }
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        Random random = new(4);
        for (int round = 0; round < 2500; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            Should.NotThrow(() => Samples.Load(text), text);
        }
    }

    private static string Damage(string text, Random random)
    {
        int at = random.Next(text.Length);
        int length = Math.Min(random.Next(1, 20), text.Length - at);
        string[] lines = text.Split('\n');
        int line = random.Next(lines.Length);
        switch (random.Next(6))
        {
            case 0:
                return text.Remove(at, length);
            case 1:
                return text.Insert(at, Alphabet[random.Next(Alphabet.Length)].ToString());
            case 2:
                return text.Insert(random.Next(text.Length), text.Substring(at, length));
            case 3:
                lines[line] = "";
                return string.Join('\n', lines);
            case 4:
                lines[line] = new string(' ', random.Next(6)) + lines[line].TrimStart();
                return string.Join('\n', lines);
            default:
                (lines[line], lines[^1]) = (lines[^1], lines[line]);
                return string.Join('\n', lines);
        }
    }
}
