using Vmcp.Kubernetes.Api;
using static Vmcp.KubeKit.Contract.Samples;

namespace Vmcp.KubeKit.Contract;

/// <summary>The promises about what is too old.</summary>
public abstract class ExpiryContract : ClusterContract
{
    /// <summary>Forgets all history up to now.</summary>
    protected abstract Task CompactAsync();

    [Fact]
    public async Task A_watch_from_a_forgotten_version_says_so_and_a_new_list_goes_on()
    {
        string old = (await CreateAsync(Widget, Of("one", "{}"))).Meta.ResourceVersion;
        await MergeAsync(Widget, "one", """{"spec":{"size":2}}""");
        await MergeAsync(Widget, "one", """{"spec":{"size":3}}""");
        await CompactAsync();

        await using WatchReader watch = Watch(Widget, old);
        await RefusedAsync(KubeError.Expired, watch.NextAsync);

        await using WatchReader again = Watch(Widget, await VersionAsync(Widget));
        await CreateAsync(Widget, Of("two", "{}"));
        (await again.NextTextAsync()).ShouldBe("Added two");
    }

    [Fact]
    public async Task A_page_of_a_forgotten_list_says_so()
    {
        await CreateAsync(Widget, Of("one", "{}"));
        await CreateAsync(Widget, Of("two", "{}"));
        ObjectPage first = await Cluster.ListAsync(Widget, new ListOptions { Namespace = Namespace, Limit = 1 }, Token);
        await MergeAsync(Widget, "two", """{"spec":{"size":2}}""");
        await MergeAsync(Widget, "two", """{"spec":{"size":3}}""");
        await CompactAsync();

        await RefusedAsync(KubeError.Expired, () => ListAsync(Widget, new ListOptions { Limit = 1, Continue = first.Continue }));
    }
}
