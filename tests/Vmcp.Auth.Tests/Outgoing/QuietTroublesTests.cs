using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

using Vmcp.Auth.Outgoing.Caching;

namespace Vmcp.Auth.Tests.Outgoing;

public sealed class QuietTroublesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _lines = [];

    [Fact]
    public void The_same_trouble_of_a_backend_is_one_line_a_minute_however_many_users_meet_it()
    {
        QuietTroubles troubles = new(_time, new Lines(_lines));
        for (int i = 0; i < 100; i++)
            troubles.Say(Key($"user-{i}", "jira"), CacheBench.Refusal);

        _lines.ShouldBe(["Warning: Backend jira cannot be called: refused (strategy token_exchange; said once a minute at most)"]);

        troubles.Say(Key("ada", "wiki"), CacheBench.Refusal);
        troubles.Say(Key("ada", "jira"), CacheBench.Refusal with { ErrorType = "unreachable", Reason = "cannot be called: away" });
        _lines.Count.ShouldBe(3, "another backend, another trouble");

        _time.Advance(TimeSpan.FromMinutes(1));
        troubles.Say(Key("ada", "jira"), CacheBench.Refusal);
        troubles.Say(Key("eve", "jira"), CacheBench.Refusal);
        _lines.Count.ShouldBe(4);

        troubles.Forget();
        troubles.Say(Key("ada", "jira"), CacheBench.Refusal);
        _lines.Count.ShouldBe(4, "what was said just now is not forgotten");
    }

    private static CredentialKey Key(string user, string backend) => CredentialKey.Of(CacheBench.User(user), CacheBench.Backend(backend));

    private sealed class Lines(List<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
