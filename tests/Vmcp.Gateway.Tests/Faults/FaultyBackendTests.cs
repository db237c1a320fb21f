using System.Diagnostics;
using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Faults;

/// <summary>A backend that misbehaves costs only itself.</summary>
public sealed class FaultyBackendTests
{
    public static MatrixTheoryData<string, string> Troubles => new(
        ["hang", "silent", "garbage", "html", "refused", "401", "403", "429", "500", "drop", "drop-mid", "redirect", "endless", "endless-same"], ["legacy", "modern"]);

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task From_the_start(string trouble, string back)
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.WaitForBackends = false;
            w.Backend("good");
            w.Elsewhere("bad", new Uri("http://127.0.0.1:9/mcp"));
        });
        await using ScriptedBackend bad = await ScriptedBackend.StartAsync(s => { Eras.Apply(s, back); s.Tool("echo"); });
        bad.Behaviour = BehaviourOf(trouble);
        if (trouble == "refused")
            await bad.StopAsync();
        await world.EditAndApplyAsync(w =>
        {
            w.Remove("bad");
            w.Elsewhere("bad", bad.Url);
        });
        await world.AreListedAsync("good");
        foreach (string revision in (string[])[Eras.Latest, Eras.Modern])
        {
            long start = Stopwatch.GetTimestamp();
            Front client = await world.ConnectAsync(revision);
            (await client.ToolsAsync()).ShouldContain("good_echo");
            (await client.EchoAsync("good_echo", "fine")).ShouldBe("fine");
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(2), "nobody waits for the bad one");
        }
    }

    internal static Behaviour BehaviourOf(string trouble) => trouble switch
    {
        "hang" => Behaviour.Hang,
        "silent" => Behaviour.Silent,
        "garbage" => Behaviour.Garbage,
        "html" => Behaviour.Html,
        "401" => Behaviour.Status(401),
        "403" => Behaviour.Status(403),
        "429" => Behaviour.Status(429),
        "500" => Behaviour.Status(500, "at 127.0.0.1 in secret.cs"),
        "drop" => Behaviour.DropAfterHeaders,
        "drop-mid" => Behaviour.DropMidEvent,
        "redirect" => Behaviour.RedirectTo("http://127.0.0.1:9/elsewhere"),
        "endless" => Behaviour.EndlessList(),
        "endless-same" => Behaviour.EndlessList(sameCursor: true),
        _ => Behaviour.Normal,
    };
}

/// <summary>A backend that begins to misbehave under calls.</summary>
public sealed class FailingBackendTests
{
    [Theory]
    [MemberData(nameof(FaultyBackendTests.Troubles), MemberType = typeof(FaultyBackendTests))]
    public async Task In_the_middle_of_work(string trouble, string back)
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("good").Backend("bad", s => { Eras.Apply(s, back); s.Tool("echo"); });
            w.Timeouts = "{default: 1s}";
        });
        Front[] clients = [await world.ConnectAsync(Eras.Latest), await world.ConnectAsync(Eras.Modern)];
        foreach (Front client in clients)
            (await client.EchoAsync("bad_echo", "1")).ShouldBe("1");
        world["bad"].Behaviour = FaultyBackendTests.BehaviourOf(trouble);
        if (trouble == "refused")
            await world["bad"].StopAsync();
        foreach (Front client in clients)
        {
            RpcAnswer answer = await client.CallToolAsync("bad_echo", """{"input":"2"}""").WaitAsync(Eventually.DefaultLimit);
            if (!trouble.StartsWith("endless", StringComparison.Ordinal))
            {
                bool failed = answer.Error is not null || (answer.Success().TryGetProperty("isError", out JsonElement e) && e.GetBoolean());
                failed.ShouldBeTrue(answer.ToString());
                answer.RawText.ShouldContain("bad", customMessage: "the message names the backend");
                answer.RawText.ShouldNotContain("127.0.0.1");
            }

            (await client.EchoAsync("good_echo", "3")).ShouldBe("3");
        }

        world["bad"].Behaviour = Behaviour.Normal;
        if (trouble == "refused")
            await world["bad"].RestartAsync();
        foreach (Front client in clients)
        {
            await Eventually.BecomesAsync(
                async () => await client.CallToolAsync("bad_echo", """{"input":"4"}""") is { Result: not null } answer && answer.Text() == "4", "it works again");
        }
    }
}

/// <summary>Measures the memory of the whole process, so nothing else may run.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>Lists too big to be true.</summary>
[Collection(nameof(Alone))]
public sealed class HugeListTests
{
    [Theory]
    [InlineData("legacy")]
    [InlineData("modern")]
    public async Task A_list_of_200_MB_costs_only_its_backend_and_bounded_memory(string back)
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.WaitForBackends = false;
            (w.Interval, w.Timeout) = (30, 20);
            w.Backend("good");
            w.Backend("huge", s => { Eras.Apply(s, back); s.Tool("echo"); });
        });
        await world.AreListedAsync("good", "huge");
        world["huge"].Behaviour = Behaviour.HugeList(200L << 20);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        int lists = world["huge"].RequestsFor("tools/list").Count;
        await Eventually.BecomesAsync(() => world["huge"].OpenStreams > 0, "the gateway listens");
        await world["huge"].NotifyListChangedAsync(ItemKind.Tools);
        await Eventually.BecomesAsync(() => world["huge"].RequestsFor("tools/list").Count > lists, "the huge list was asked for");
        long most = 0;
        Front client = await world.ConnectAsync(Eras.Latest);
        await Eventually.BecomesAsync(
            async () =>
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
                (await client.EchoAsync("good_echo", "fine")).ShouldBe("fine");
                return TestWorld.BackendOf(await world.StatusAsync(), "huge").GetProperty("consecutive_failures").GetInt32() > 0;
            },
            "the huge list was given up");
        most.ShouldBeLessThan(150L << 20);
        (await client.ToolsAsync()).ShouldContain("good_echo");
    }
}

/// <summary>What a list says while a backend is away.</summary>
public sealed class PartialFailureTests
{
    [Theory]
    [MemberData(nameof(Eras.BothFronts), MemberType = typeof(Eras))]
    public async Task Fail_written_explicitly_names_the_failed_backend(string revision)
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha").Backend("beta");
            w.FailureHandling.Add("partialFailureMode: fail");
        });
        Front client = await world.ConnectAsync(revision);
        (await client.ToolsAsync()).Count.ShouldBe(2);
        await world["beta"].StopAsync();
        await world.HealthBecomesAsync("beta", "unhealthy");
        RpcAnswer answer = await Eventually.ReadsAsync(() => client.CallAsync("tools/list"), a => a.Error is not null, "an error");
        answer.Error!.Value.GetProperty("message").GetString()!.ShouldContain("beta");
        answer.Error.Value.GetProperty("message").GetString()!.ShouldNotContain("alpha");
        (await client.EchoAsync("alpha_echo", "fine")).ShouldBe("fine");
        await world["beta"].RestartAsync();
        await Eventually.BecomesAsync(async () => (await client.CallAsync("tools/list")).Result is not null, "whole again");
    }

    [Fact]
    public async Task With_fail_the_gateway_is_not_ready_until_each_backend_was_seen()
    {
        await using ScriptedBackend late = await ScriptedBackend.StartAsync();
        await late.StopAsync();
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha").Elsewhere("late", late.Url);
            w.FailureHandling.Add("partialFailureMode: fail");
        });
        using HttpResponseMessage before = await world.GetAsync("/readyz");
        ((int)before.StatusCode).ShouldBe(503);
        await late.RestartAsync();
        await Eventually.BecomesAsync(
            async () =>
            {
                using HttpResponseMessage answer = await world.GetAsync("/readyz");
                return (int)answer.StatusCode == 200;
            },
            "ready");
    }

    [Theory]
    [InlineData("")]
    [InlineData("partialFailureMode: best_effort")]
    public async Task Otherwise_the_others_are_listed(string line)
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha").Elsewhere("beta", new Uri("http://127.0.0.1:9/mcp"));
            if (line.Length > 0)
                w.FailureHandling.Add(line);
        });
        (await (await world.ConnectAsync(Eras.Latest)).ToolsAsync()).ShouldBe(["alpha_echo"]);
        using HttpResponseMessage ready = await world.GetAsync("/readyz");
        ((int)ready.StatusCode).ShouldBe(200);
    }
}
