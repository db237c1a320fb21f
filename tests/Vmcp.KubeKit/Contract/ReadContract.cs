using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using static Vmcp.KubeKit.Contract.Samples;

namespace Vmcp.KubeKit.Contract;

/// <summary>The promises about lists.</summary>
public abstract class ReadContract : ClusterContract
{
    [Fact]
    public async Task A_list_has_the_objects_of_its_namespace_in_order()
    {
        foreach (string name in (string[])["b", "c", "a"])
            await CreateAsync(BuiltIn.Secret, Json($$"""{ "metadata": { "name": "{{name}}" } }"""));

        (await ListAsync(BuiltIn.Secret)).Select(o => o.Key).ShouldBe([Key("a"), Key("b"), Key("c")]);
    }

    [Fact]
    public async Task A_list_of_all_namespaces_has_them_too()
    {
        await CreateAsync(Widget, Of("one", "{}"));

        ObjectPage all = await Cluster.ListAsync(Widget, new ListOptions(), Token);

        all.Items.ShouldContain(o => o.Key == Key("one"));
        all.ResourceVersion.ShouldNotBeEmpty();
        all.Continue.ShouldBeNull();
    }

    [Fact]
    public async Task Items_of_a_list_carry_what_a_read_carries()
    {
        KubeObject made = await CreateAsync(BuiltIn.ConfigMap, ConfigMap("one"));

        KubeObject item = (await ListAsync(BuiltIn.ConfigMap, new ListOptions { FieldSelector = "metadata.name=one" })).Single();

        item.Meta.ShouldSatisfyAllConditions(
            m => m.Uid.ShouldBe(made.Meta.Uid),
            m => m.ResourceVersion.ShouldBe(made.Meta.ResourceVersion));
        Text(item, "data", "key").ShouldBe("value");
        item.Kind.ShouldBeOneOf("", "ConfigMap");
    }

    [Theory]
    [InlineData("app=a", "one")]
    [InlineData("app==a", "one")]
    [InlineData("app!=a", "none two")]
    [InlineData("app in (a, b)", "one two")]
    [InlineData("app notin (a)", "none two")]
    [InlineData("app", "one two")]
    [InlineData("!app", "none")]
    [InlineData("app,tier=x", "two")]
    [InlineData("app in (a,b),tier!=x", "one")]
    [InlineData("app=", "")]
    public async Task A_label_selector_selects(string selector, string names)
    {
        await CreateAsync(BuiltIn.Secret, Json("""{"metadata":{"name":"none"}}"""));
        await CreateAsync(BuiltIn.Secret, Json("""{"metadata":{"name":"one","labels":{"app":"a"}}}"""));
        await CreateAsync(BuiltIn.Secret, Json("""{"metadata":{"name":"two","labels":{"app":"b","tier":"x"}}}"""));

        string.Join(' ', (await ListAsync(BuiltIn.Secret, new ListOptions { LabelSelector = selector })).Select(o => o.Meta.Name)).ShouldBe(names);
    }

    [Theory]
    [InlineData("metadata.name=one", "one")]
    [InlineData("metadata.name!=one", "two")]
    [InlineData("metadata.name=none", "")]
    public async Task A_field_selector_selects_by_name(string selector, string names)
    {
        await CreateAsync(Widget, Of("one", "{}"));
        await CreateAsync(Widget, Of("two", "{}"));

        string.Join(' ', (await ListAsync(Widget, new ListOptions { FieldSelector = selector })).Select(o => o.Meta.Name)).ShouldBe(names);
    }

    [Theory]
    [InlineData("app in (", null)]
    [InlineData(null, "spec.size=1")]
    public async Task A_selector_nobody_understands_is_refused(string? labels, string? fields) =>
        await RefusedAsync(KubeError.Invalid, () => ListAsync(Widget, new ListOptions { LabelSelector = labels, FieldSelector = fields }));

    [Fact]
    public async Task Pages_together_are_the_list()
    {
        for (int i = 0; i < 5; i++)
            await CreateAsync(Widget, Of($"w{i}", "{}"));
        var names = new List<string>();
        var sizes = new List<int>();
        string? token = null;
        do
        {
            ObjectPage page = await Cluster.ListAsync(Widget, new ListOptions { Namespace = Namespace, Limit = 2, Continue = token }, Token);
            names.AddRange(page.Items.Select(o => o.Meta.Name));
            sizes.Add(page.Items.Count);
            token = page.Continue;
        }
        while (token is not null);

        names.ShouldBe(["w0", "w1", "w2", "w3", "w4"]);
        sizes.ShouldBe([2, 2, 1]);
    }

    [Fact]
    public async Task Later_pages_show_the_time_of_the_first()
    {
        foreach (string name in (string[])["a", "b", "c"])
            await CreateAsync(Widget, Of(name, """{"size":1}"""));
        ObjectPage first = await Cluster.ListAsync(Widget, new ListOptions { Namespace = Namespace, Limit = 1 }, Token);

        await MergeAsync(Widget, "b", """{"spec":{"size":2}}""");
        await Cluster.DeleteAsync(Widget, Key("c"), DeleteOptions.Default, Token);
        await CreateAsync(Widget, Of("d", "{}"));
        ObjectPage rest = await Cluster.ListAsync(Widget, new ListOptions { Namespace = Namespace, Limit = 10, Continue = first.Continue }, Token);

        rest.Items.Select(o => $"{o.Meta.Name}{Text(o, "spec", "size")}").ShouldBe(["b1", "c1"]);
        rest.ResourceVersion.ShouldBe(first.ResourceVersion);
        rest.Continue.ShouldBeNull();
    }

    [Fact]
    public async Task A_page_token_nobody_gave_is_refused() =>
        await RefusedAsync(KubeError.Invalid, () => ListAsync(Widget, new ListOptions { Limit = 1, Continue = "nonsense" }));

    [Fact]
    public async Task Metadata_only_comes_without_the_rest()
    {
        KubeObject made = await CreateAsync(BuiltIn.Secret, Json("""{"metadata":{"name":"one","labels":{"a":"b"}},"stringData":{"key":"value"}}"""));

        KubeObject item = (await ListAsync(BuiltIn.Secret, new ListOptions { MetadataOnly = true })).Single();

        item.Meta.Labels["a"].ShouldBe("b");
        item.Meta.ResourceVersion.ShouldBe(made.Meta.ResourceVersion);
        item.ToJsonObject().Select(m => m.Key).Except(["apiVersion", "kind", "metadata"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task Changes_after_a_list_are_seen_from_its_version_on()
    {
        await CreateAsync(Widget, Of("before", "{}"));
        ObjectPage page = await Cluster.ListAsync(Widget, new ListOptions { Namespace = Namespace }, Token);
        await CreateAsync(Widget, Of("after", "{}"));

        await using WatchReader watch = Watch(Widget, page.ResourceVersion);

        (await watch.NextTextAsync()).ShouldBe("Added after");
    }
}
