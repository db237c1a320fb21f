using Vmcp.Core.Health;
using Vmcp.Gateway.Identities;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Identities;

/// <summary>Whatever happens in whatever order, nobody sees what is listed to somebody else.</summary>
public sealed class SeparationTests
{
    private static readonly string[] People = ["alice", "bob", "carol", "dave"];
    private static readonly string[] Backends = ["one", "two", "three"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [Trait("Scenario", "NEW-SEC-02")]
    public void No_interleaving_of_answers_failures_and_changes_mixes_users(int seed)
    {
        for (int round = 0; round < 50; round++)
        {
            Random random = new((seed * 1000) + round);
            using Bench bench = new();
            Dictionary<string, Identity> users = People.ToDictionary(p => p, bench.User);
            Dictionary<Question, string> open = [];
            for (int step = 0; step < 200; step++)
            {
                Step(bench, random, users, open);
                string looking = People[random.Next(People.Length)];
                foreach (string tool in bench.Tools(users[looking]))
                    (tool.Contains("_everybody", StringComparison.Ordinal) || tool.Contains($"_{looking}-", StringComparison.Ordinal)).ShouldBeTrue($"{looking} sees {tool} in round {round}, step {step}");
            }
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [Trait("Scenario", "NEW-SEC-02")]
    public async Task No_interleaving_on_the_wire_shows_or_calls_what_is_anothers(int seed)
    {
        await using TestWorld world = await Users.StartAsync(w =>
        {
            w.Options = o => o with { MaxIdentities = 3, OwnListAge = TimeSpan.FromMilliseconds(50), ListPatience = TimeSpan.FromMilliseconds(100) };
            w.Backend("open");
            foreach (string backend in Backends)
            {
                w.PerUser(backend, s =>
                {
                    foreach (string user in People)
                        s.ToolOf(user, user + "-tool");
                });
            }
        });
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => WanderAsync(world, new Random((seed * 100) + i)))));
        foreach (string backend in Backends)
        {
            world[backend].Behaviour = Users.OnlyForUsers;
            foreach (RecordedRequest call in world[backend].RequestsFor("tools/call"))
                call.BodyText.ShouldContain($"\"{call.Headers[Users.Header]}-tool\"");
            world.Source.Edit(backend, b => b with { Timeout = TimeSpan.FromSeconds(30) }); // nobody has to sit out a pause of the wild times
        }

        foreach (string user in People)
        {
            Front client = new(world.Modern(headers: Users.Token(user)));
            await Eventually.BecomesAsync(
                async () => (await client.ToolsAsync()).Intersect(Backends.Select(b => $"{b}_{user}-tool")).Count() == Backends.Length, $"{user} sees what is theirs");
        }
    }

    private static async Task WanderAsync(TestWorld world, Random random)
    {
        for (int step = 0; step < 60; step++)
        {
            string user = People[random.Next(People.Length)], other = People[random.Next(People.Length)], backend = Backends[random.Next(Backends.Length)];
            Front client = new(world.Modern(headers: Users.Token(user)));
            switch (random.Next(8))
            {
                case 0:
                    world[backend].Behaviour = Users.For(_ => NextBehaviour());
                    break;
                case 1:
                    await world[backend].NotifyListChangedAsync(ItemKind.Tools);
                    break;
                case 2:
                    world.Source.Edit(backend, b => b with { Timeout = TimeSpan.FromSeconds(10 + random.Next(10)) });
                    break;
                case 3:
                    world["open"].AddTool($"everybody{random.Next(5)}");
                    await world["open"].NotifyListChangedAsync(ItemKind.Tools);
                    break;
                case 4:
                    await client.CallToolAsync($"{backend}_{other}-tool", """{"input":"x"}""");
                    break;
                default:
                    foreach (string tool in await client.ToolsAsync())
                        (tool.StartsWith("open_", StringComparison.Ordinal) || tool.EndsWith($"_{user}-tool", StringComparison.Ordinal)).ShouldBeTrue($"{user} sees {tool}");
                    break;
            }
        }
    }

    private static void Step(Bench bench, Random random, Dictionary<string, Identity> users, Dictionary<Question, string> open)
    {
        string user = People[random.Next(People.Length)], backend = Backends[random.Next(Backends.Length)];
        switch (random.Next(10))
        {
            case 0:
                bench.Put(backend, perUser: true, Bench.Lists("probe"), port: 1 + random.Next(2));
                break;
            case 1:
                bench.Put("open", perUser: false, Bench.Lists($"everybody{random.Next(3)}"));
                break;
            case 2:
                bench.Remove(backend);
                break;
            case 3:
                bench.SetHealth(backend, random.Next(2) == 0 ? HealthStatus.Unhealthy : HealthStatus.Healthy);
                break;
            case 4:
                users[user] = bench.User(user); // evicted
                break;
            case 5:
                users[user].Outdate(backend);
                bench.Time.Advance(TimeSpan.FromSeconds(random.Next(400)));
                break;
            case 6 or 7:
                foreach (Question question in bench.Ask(users[user]))
                    open[question] = user;
                break;
            default:
                if (open.Count == 0)
                    break;
                (Question next, string asker) = open.ElementAt(random.Next(open.Count));
                open.Remove(next);
                bool answers = random.Next(4) > 0;
                bench.Answer(
                    users[asker], next, answers ? Bench.Lists([.. Enumerable.Range(0, 1 + random.Next(3)).Select(i => $"{asker}-{i}")]) : null,
                    random.Next(2) == 0 ? FailureCategory.AuthenticationFailed : FailureCategory.Timeout);
                break;
        }
    }

    private static Behaviour NextBehaviour() => Random.Shared.Next(6) switch
    {
        0 => Behaviour.Status(403),
        1 => Behaviour.Status(500),
        2 => Behaviour.Slow(TimeSpan.FromMilliseconds(150)),
        _ => Behaviour.Normal,
    };
}
