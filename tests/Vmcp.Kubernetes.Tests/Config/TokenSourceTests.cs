using Microsoft.Extensions.Time.Testing;
using Vmcp.Kubernetes.Config;

namespace Vmcp.Kubernetes.Tests.Config;

public sealed class TokenSourceTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_token_file_is_read_again_when_ten_seconds_old_and_not_sooner()
    {
        File.WriteAllText(_path, "one\n");
        TokenSource source = TokenSource.OfFile(_path, null, _time);
        source.Current().ShouldBe("one");
        File.WriteAllText(_path, "two");

        _time.Advance(TimeSpan.FromSeconds(9));
        source.Current().ShouldBe("one");
        _time.Advance(TimeSpan.FromSeconds(1));
        source.Current().ShouldBe("two");
    }

    [Fact]
    public void A_refused_token_is_looked_for_again_at_once()
    {
        File.WriteAllText(_path, "one");
        TokenSource source = TokenSource.OfFile(_path, null, _time);
        source.Current().ShouldBe("one");
        source.Refused("one").ShouldBeFalse();
        File.WriteAllText(_path, "two");

        source.Refused("one").ShouldBeTrue();
        source.Current().ShouldBe("two");
    }

    [Fact]
    public void While_the_file_is_away_or_empty_the_last_token_is_shown()
    {
        File.WriteAllText(_path, "one");
        TokenSource source = TokenSource.OfFile(_path, null, _time);
        source.Current().ShouldBe("one");

        File.WriteAllText(_path, "");
        _time.Advance(TimeSpan.FromMinutes(1));
        source.Current().ShouldBe("one");
        File.Delete(_path);
        _time.Advance(TimeSpan.FromMinutes(1));
        source.Current().ShouldBe("one");
    }

    [Fact]
    public void A_file_that_was_never_readable_is_named()
    {
        File.Delete(_path);

        Should.Throw<KubeConfigException>(() => TokenSource.OfFile(_path, null, _time).Current()).Message.ShouldContain(_path);
    }
}
