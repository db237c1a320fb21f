using Vmcp.Discovery.Tests.Worlds;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Discovery.Tests.Sources;

/// <summary>The source ends when it is told to, whatever it waits for; its clock stands still meanwhile.</summary>
public sealed class EndingTests
{
    private static async Task KeyedAsync(Cluster cluster)
    {
        await cluster.SecretAsync("key1", "jam");
        await cluster.AuthAsync("key1", "X-Key");
        await cluster.ServerAsync("beta", new Uri("http://beta.demo/mcp"), "key1");
    }

    private static async Task EndsAsync(SourceWorld world)
    {
        world.Cancel();
        await world.Running.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        world.Log.ShouldAllBe(line => !line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("list")]
    [InlineData("watch")]
    [InlineData("get")]
    public async Task While_its_first_requests_get_no_answer(string verb)
    {
        await using SourceWorld world = new();
        await world.Cluster.ApplyAsync(DiscoveryWorld.Hub);
        world.Hang(r => r.Verb == verb);
        world.Run();
        world.Time.AtRest = 0;
        await world.Time.UntilAsync(() => world.Met > 0, "a request hangs");

        await EndsAsync(world);
    }

    [Fact]
    public async Task While_a_Secret_is_waited_for()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        world.Hang(r => r.Type == BuiltIn.Secret);
        world.Time.AtRest = 1;
        world.Source.OnUnauthorized("beta");
        await world.Time.UntilAsync(() => world.Met > 0, "the read hangs");

        await EndsAsync(world);
    }

    [Fact]
    public async Task At_rest_right_after_a_change_and_while_the_API_server_is_away()
    {
        await using SourceWorld resting = await SourceWorld.StartAsync(KeyedAsync);
        await EndsAsync(resting);

        await using SourceWorld changing = await SourceWorld.StartAsync(KeyedAsync);
        await changing.Cluster.ServerAsync("gamma", new Uri("http://gamma.demo/mcp"));
        await EndsAsync(changing);

        await using SourceWorld away = await SourceWorld.StartAsync(KeyedAsync);
        away.Fail(KubeError.Unreachable);
        away.Cluster.Api.CloseWatches(new KubeException(KubeError.Unreachable, "cut"));
        await away.Time.PassAsync(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(1));
        await EndsAsync(away);
    }

    [Fact]
    public async Task Whoever_fails_to_take_a_set_is_told_of_it_again()
    {
        await using SourceWorld world = await SourceWorld.StartAsync(KeyedAsync);
        int told = 0;
        world.Source.Changed += () =>
        {
            if (++told == 1)
                throw new InvalidOperationException("not now");
        };

        await world.Cluster.ServerAsync("gamma", new Uri("http://gamma.demo/mcp"));

        await world.Time.UntilAsync(() => Volatile.Read(ref told) == 2, "the set is told again");
        world.Log.ShouldContain(l => l.StartsWith("Error", StringComparison.Ordinal) && l.Contains("not now", StringComparison.Ordinal));
        await world.Time.PassAsync(TimeSpan.FromSeconds(30));
        told.ShouldBe(2);
    }
}
