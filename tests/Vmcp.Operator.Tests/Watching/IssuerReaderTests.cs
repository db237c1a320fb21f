using Microsoft.Extensions.Time.Testing;
using Vmcp.Kubernetes.Api;
using Vmcp.Operator.Planning;
using Vmcp.Operator.Watching;

namespace Vmcp.Operator.Tests.Watching;

public sealed class IssuerReaderTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedIssuer _cluster = new();
    private readonly IssuerReader _reader;

    public IssuerReaderTests() => _reader = new IssuerReader(_cluster, _time);

    [Fact]
    public async Task One_answer_serves_all_servers_for_a_while()
    {
        _cluster.Answer = () => new IssuerKeys("https://c", "one");
        (await KeysAsync()).ShouldBe("one");
        _cluster.Answer = () => new IssuerKeys("https://c", "two");
        (await KeysAsync()).ShouldBe("one");
        _cluster.Asked.ShouldBe(1);

        _time.Advance(IssuerReader.Fresh);

        (await KeysAsync()).ShouldBe("two");
        _cluster.Asked.ShouldBe(2);
    }

    [Fact]
    public async Task A_failure_is_bridged_by_the_last_answer_but_not_for_ever()
    {
        _cluster.Answer = () => new IssuerKeys("https://c", "one");
        await KeysAsync();
        _cluster.Answer = () => throw new KubeException(KubeError.ServerError, "500 boom");
        _time.Advance(IssuerReader.Fresh);
        (await KeysAsync()).ShouldBe("one");

        _time.Advance(IssuerReader.Bridge);

        ClusterIssuerProblem(await _reader.ReadAsync(CancellationToken.None)).ShouldBe("The cluster's issuer and public keys could not be read: 500 boom");
    }

    [Fact]
    public async Task A_failure_is_not_asked_for_again_at_once_and_heals()
    {
        _cluster.Answer = () => throw new KubeException(KubeError.Forbidden, "no");
        ClusterIssuerProblem(await _reader.ReadAsync(CancellationToken.None)).ShouldContain("system:service-account-issuer-discovery");
        await _reader.ReadAsync(CancellationToken.None);
        _cluster.Asked.ShouldBe(1);
        _cluster.Answer = () => new IssuerKeys("https://c", "one");

        _time.Advance(IssuerReader.Pause);

        (await KeysAsync()).ShouldBe("one");
    }

    private async Task<string?> KeysAsync() => (await _reader.ReadAsync(CancellationToken.None)).KeySet;

    private static string ClusterIssuerProblem(ClusterIssuer issuer)
    {
        issuer.KeySet.ShouldBeNull();
        return issuer.Problem.ShouldNotBeNull();
    }

    private sealed class ScriptedIssuer : ITokenIssuer
    {
        public Func<IssuerKeys> Answer { get; set; } = () => throw new InvalidOperationException();

        public int Asked { get; private set; }

        public async Task<IssuerKeys> ReadAsync(CancellationToken cancellationToken)
        {
            await Task.Yield();
            Asked++;
            return Answer();
        }
    }
}
