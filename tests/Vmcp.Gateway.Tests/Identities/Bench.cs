using System.Collections.Frozen;
using System.Text;

using Microsoft.Extensions.Time.Testing;

using Vmcp.Core.Backends;
using Vmcp.Core.Capabilities;
using Vmcp.Core.Health;
using Vmcp.Gateway.Backends;
using Vmcp.Gateway.Identities;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;

namespace Vmcp.Gateway.Tests.Identities;

/// <summary>Users and backends without a wire: snapshots made by hand, answers given by hand, time that stands still.</summary>
internal sealed class Bench : IDisposable
{
    private readonly HttpMessageInvoker _nobody = new(new HttpClientHandler());
    private readonly Dictionary<string, BackendView> _views = [];

    /// <summary>The clock.</summary>
    public FakeTimeProvider Time { get; } = new();

    /// <summary>What users have in common.</summary>
    public SharedLists Shared { get; } = new(maxCatalogs: 8);

    /// <summary>The snapshot for nobody in particular.</summary>
    public GatewaySnapshot Now { get; private set; } = GatewaySnapshot.Empty;

    /// <summary>A backend comes, or is described anew.</summary>
    public BackendHandle Put(string name, bool perUser, BackendCapabilities? lists = null, int port = 1)
    {
        Backend backend = new()
        {
            Name = name,
            Url = new Uri($"http://127.0.0.1:{port}/{name}"),
            Strategy = perUser ? Users.Strategy : Strategy.None,
        };
        BackendHandle handle = new(new BackendHttp(backend, _nobody, static (_, _, _, _) => default), new BreakerGate(new BreakerPolicy(), Time));
        _views[name] = new BackendView(handle, HealthState.Initial with { Status = HealthStatus.Healthy }, lists, Listed: true) { Dialect = BackendDialect.Streamable };
        handle.Learn(BackendDialect.Streamable, "{}"u8.ToArray());
        Publish();
        return handle;
    }

    /// <summary>A backend leaves.</summary>
    public void Remove(string name)
    {
        _views.Remove(name);
        Publish();
    }

    /// <summary>A backend's health changes.</summary>
    public void SetHealth(string name, HealthStatus status)
    {
        if (!_views.TryGetValue(name, out BackendView? view))
            return;
        _views[name] = view with { Health = view.Health with { Status = status }, Listed = HealthMachine.IsListed(status) };
        Publish();
    }

    /// <summary>Lists with these tools.</summary>
    public static BackendCapabilities Lists(params string[] tools) => new()
    {
        Revision = "2025-11-25",
        Tools = [.. tools.Select(t => new CapabilityItem(t, Encoding.UTF8.GetBytes($$$"""{"name":"{{{t}}}","inputSchema":{"type":"object"}}""")))],
    };

    /// <summary>A user as a client that can be asked nothing.</summary>
    public Identity User(string name) => new(new IdentityKey(Users.Caller(name).Principal, ClientCapabilities.None), Users.Caller(name), told: null, Shared);

    /// <summary>The questions that are to be asked now.</summary>
    public List<Question> Ask(Identity user)
    {
        List<Question> asked = [];
        user.Ask(Now.PerUser, Time.GetTimestamp(), asked.Add);
        return asked;
    }

    /// <summary>Answers a question.</summary>
    public void Answer(Identity user, Question question, BackendCapabilities? lists, FailureCategory failure = FailureCategory.None, TimeSpan? retryAfter = null)
    {
        OwnAnswer answer = lists is not null ? new OwnAnswer(lists, null) : new OwnAnswer(null, new BackendFailure(failure, "said no") { RetryAfter = retryAfter });
        user.Take(question, answer, TimeSpan.FromMinutes(5), Time, out _);
        user.Drop(question);
    }

    /// <summary>The tools a user is shown, sorted.</summary>
    public string[] Tools(Identity user) => Tools(user, out _);

    /// <summary>The same, with what clients that looked before have to be told.</summary>
    public string[] Tools(Identity user, out ListChanges changes) =>
        [.. user.Show(() => Now, out changes).CatalogFor(user.Key.Client).Tools.Entries.Select(e => e.Key)];

    /// <inheritdoc/>
    public void Dispose() => _nobody.Dispose();

    private void Publish() => Now = Snapshots.Next(Now, Now.Settings, _views.ToFrozenDictionary(), []);
}
