using System.Diagnostics;
using Vmcp.Core.Catalogs;

namespace Vmcp.Core.Tests.Catalogs;

public sealed class UriTemplateTests
{
    [Theory]
    [InlineData("repo://{id}", "repo://7", true)]
    [InlineData("repo://{id}", "repo://a%20b:c@d", true)]
    [InlineData("repo://{id}", "repo://", false)]
    [InlineData("repo://{id}", "repo://1/2", false)]
    [InlineData("repo://{id}", "repo://1?q=2", false)]
    [InlineData("repo://{id}", "REPO://1", false)]
    [InlineData("test://template/{id}/data", "test://template/123/data", true)]
    [InlineData("test://template/{id}/data", "test://template/123/data/x", false)]
    [InlineData("a://{x}-{y}", "a://1-2-3", true)]
    [InlineData("a://{x}-{y}", "a://12", false)]
    [InlineData("a://{x,y}", "a://1,2", true)]
    [InlineData("file:///{+path}", "file:///a/b/c.txt?x#y", true)]
    [InlineData("file:///{+path}", "file:///", false)]
    [InlineData("file:///{path*}", "file:///a/b/c.txt", true)]
    [InlineData("file:///{path*}/end", "file:///a/b/end", true)]
    [InlineData("file:///{path*}/end", "file:///a/b/fin", false)]
    [InlineData("a://x{#frag}", "a://x", true)]
    [InlineData("a://x{#frag}", "a://x#s/1", true)]
    [InlineData("a://x{#frag}", "a://xs", false)]
    [InlineData("a://x{.ext}", "a://x.tar.gz", true)]
    [InlineData("a://x{.ext}", "a://x", true)]
    [InlineData("a://x{/a,b}", "a://x/1/2", true)]
    [InlineData("a://x{/a,b}", "a://x/1", true)]
    [InlineData("a://x{/a,b}", "a://x/1/2/3", false)]
    [InlineData("a://x{/a*}", "a://x/1/2/3", true)]
    [InlineData("a://x{;a,b}", "a://x;a=1;b", true)]
    [InlineData("a://x{;a,b}", "a://x;c=1", false)]
    [InlineData("a://x{?a,b}", "a://x", true)]
    [InlineData("a://x{?a,b}", "a://x?a=1", true)]
    [InlineData("a://x{?a,b}", "a://x?b=1", true)]
    [InlineData("a://x{?a,b}", "a://x?a=1&b=2/3", true)]
    [InlineData("a://x{?a,b}", "a://x?b=&a=1", true)]
    [InlineData("a://x{?a,b}", "a://x?c=1", false)]
    [InlineData("a://x{?a,b}", "a://x?a=1&c=1", false)]
    [InlineData("a://x{?a,b}", "a://x&a=1", false)]
    [InlineData("a://x{?all*}", "a://x?any=1&thing", true)]
    [InlineData("a://x?f=1{&a}", "a://x?f=1&a=2", true)]
    [InlineData("a://x?f=1{&a}", "a://x?f=1", true)]
    [InlineData("a://x?f=1{&a}", "a://x?f=1&b=2", false)]
    [InlineData("a://{x:3}", "a://abc", true)]
    [InlineData("a://{x:3}", "a://abcd", false)]
    [InlineData("a://{x:3}", "a://a%E2%82%ACb", true)]
    [InlineData("a://{x:3}", "a://a%2", false)]
    [InlineData("a://é/{x}", "a://é/1", true)]
    [InlineData("a://é/{x}", "a://%C3%A9/1", true)]
    [InlineData("a://{user-id}", "a://1", true)]
    [InlineData("a://plain", "a://plain", true)]
    [InlineData("a://plain", "a://plain2", false)]
    [InlineData("", "", true)]
    [InlineData("", "x", false)]
    public void Template_matches_what_it_can_expand_to(string template, string uri, bool matches) =>
        UriTemplate.Parse(template).IsMatch(uri).ShouldBe(matches);

    [Theory]
    [InlineData("a://{")]
    [InlineData("a://}")]
    [InlineData("a://{}")]
    [InlineData("a://{x")]
    [InlineData("a://{x}}")]
    [InlineData("a://{=x}")]
    [InlineData("a://{x,}")]
    [InlineData("a://{x**}")]
    [InlineData("a://{x:0}")]
    [InlineData("a://{x:a}")]
    [InlineData("a://{x y}")]
    [InlineData("a://{{x}}")]
    public void Text_that_is_no_template_matches_only_itself(string text)
    {
        UriTemplate template = UriTemplate.Parse(text);

        template.IsMatch(text).ShouldBeTrue();
        template.IsMatch("a://1").ShouldBeFalse();
        template.IsMatch("a://").ShouldBeFalse();
    }

    [Fact]
    public void Hostile_template_and_uri_end_in_bounded_work()
    {
        UriTemplate template = UriTemplate.Parse("a://" + string.Concat(Enumerable.Repeat("{+a}{b*}{c}", 60)) + "!");
        string uri = "a://" + new string('x', 200_000);
        long budget = UriTemplate.WorkBudget;
        Stopwatch watch = Stopwatch.StartNew();

        template.IsMatch(uri, ref budget).ShouldBeFalse();

        budget.ShouldBeLessThan(0);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Lookup_over_many_hostile_templates_ends_in_bounded_work()
    {
        Catalog catalog = Merging.Merge(
            Merging.Prefix(),
            Merging.Backend("a", [], templates: [.. Enumerable.Range(0, 2000).Select(i => Merging.Template($"a://{{+a}}{{+b}}{{c*}}!{i}"))]));
        Stopwatch watch = Stopwatch.StartNew();

        catalog.FindResource("a://" + new string('x', 50_000)).ShouldBeNull();

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Oversized_template_matches_only_itself()
    {
        string text = "a://" + string.Concat(Enumerable.Repeat("{/a,b,c,d}", 400));

        UriTemplate.Parse(text).IsMatch("a://").ShouldBeFalse();
        UriTemplate.Parse(text).IsMatch(text).ShouldBeTrue();
    }

    [Fact]
    public void Random_texts_never_throw()
    {
        Random random = new(6570);
        const string alphabet = "{}{}{}+#./;?&,*:1ab%é x";
        for (int round = 0; round < 20_000; round++)
        {
            string text = new([.. Enumerable.Range(0, random.Next(14)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            string uri = new([.. Enumerable.Range(0, random.Next(14)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            UriTemplate.Parse(text).IsMatch(uri);
        }
    }
}
