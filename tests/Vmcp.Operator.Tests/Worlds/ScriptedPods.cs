using System.Collections.Concurrent;
using System.Net;

namespace Vmcp.Operator.Tests.Worlds;

/// <summary>Gateway pods that answer <c>/status</c> as told; by default every one says that alpha and beta are fine.</summary>
internal sealed class ScriptedPods : HttpMessageHandler
{
    private readonly ConcurrentDictionary<string, Func<CancellationToken, Task<HttpResponseMessage>>> _answers = new(StringComparer.Ordinal);
    private int _requests;

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>What every pod without an answer of its own says.</summary>
    public string Default { get; set; } = Status(Backend("alpha", "healthy"), Backend("beta", "healthy"));

    public void Answers(string pod, string body, HttpStatusCode status = HttpStatusCode.OK) =>
        _answers[pod] = _ => Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body) });

    public void Silent(string pod) => _answers[pod] = async cancellationToken =>
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new InvalidOperationException("unreachable");
    };

    public void Fails(string pod, Exception with) => _answers[pod] = _ => throw with;

    public void Refuses(string pod) => _answers[pod] = _ => throw new HttpRequestException("Connection refused");

    public static string Backend(string name, string health, int failures = 0, string category = "") =>
        $$$"""{"name":"{{{name}}}","health":"{{{health}}}","transport":"streamable-http","auth_type":"unauthenticated","consecutive_failures":{{{failures}}},"last_error_category":"{{{category}}}","last_check":"2026-01-01T00:00:00Z","breaker":{"state":"closed"}}""";

    public static string Status(params string[] backends) => $$"""{"backends":[{{string.Join(',', backends)}}],"healthy":true}""";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        return _answers.TryGetValue(request.RequestUri!.Host, out var answer)
            ? answer(cancellationToken)
            : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(Default) });
    }
}
