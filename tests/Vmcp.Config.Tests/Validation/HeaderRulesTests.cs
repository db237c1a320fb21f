using System.Text.Json;
using Vmcp.Config.Backends;
using Vmcp.Config.Reading;

namespace Vmcp.Config.Tests.Validation;

/// <summary>Which headers a configuration may have sent to backends, wherever it names them.</summary>
[Trait("Threat", "8.6 Header and body smuggling")]
public sealed class HeaderRulesTests
{
    private const string Name = "belongs to the gateway and the transport";
    private const string One = "backends: [{name: a, url: 'http://a/mcp'}]\n";

    /// <summary>auth-and-ops 5.6: what the original refuses, what we add to it, and families by example.</summary>
    public static TheoryData<string> Reserved => new(
        "Host", "Connection", "Keep-Alive", "Te", "Trailer", "Upgrade", "Http2-Settings", "Proxy-Authorization", "Proxy-Authenticate", "Proxy-Connection",
        "Transfer-Encoding", "Content-Length", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip",
        "Mcp-Session-Id", "Mcp-Protocol-Version", "Mcp-Method", "Mcp-Name", "Mcp-Param-Region", "Mcp-Anything",
        "traceparent", "tracestate", "baggage", "Content-Type", "Accept", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256", "Set-Cookie",
        "Content-Encoding", "Content-Language", "Content-MD5", "Content-Range", "Expires", "Last-Modified", "Allow", "Expect", "Last-Event-ID");

    [Theory]
    [MemberData(nameof(Reserved))]
    public void Reserved_header_is_refused_wherever_it_is_named_and_however_it_is_spelled(string header)
    {
        foreach (string spelled in (string[])[header, header.ToLowerInvariant(), header.ToUpperInvariant()])
        {
            Reported($"passthroughHeaders: [X-Good, {spelled}]", "passthroughHeaders[1]", spelled);
            Reported(
                $"outgoingAuth: {{source: inline, backends: {{a: {{type: header_injection, headerInjection: {{headerName: {spelled}, headerValue: v}}}}}}}}",
                "outgoingAuth.backends.a.headerInjection.headerName", spelled);
            foreach (string map in (string[])["addPlaintextHeaders", "addHeadersFromSecret"])
            {
                string manifest = $$$"""{"{{{map}}}":{"{{{spelled}}}":"GIVEN"}}""";
                Func<string, string?> env = Samples.Env(("TOOLHIVE_HEADER_FORWARD_A", manifest), ("TOOLHIVE_SECRET_GIVEN", "v"));
                Samples.Report(One, env).ShouldHaveSingleItem().ShouldContain($"the header {spelled} {Name}");
                Samples.Load(One, env).Config.ShouldBeNull();
            }
        }
    }

    [Theory]
    [InlineData("Authorization")]
    [InlineData("Cookie")]
    public void A_clients_own_credentials_are_never_passed_through_but_a_backend_may_be_given_its_own(string header)
    {
        foreach (string spelled in (string[])[header, header.ToLowerInvariant(), header.ToUpperInvariant()])
        {
            Samples.Report(One + $"passthroughHeaders: [{spelled}]").ShouldHaveSingleItem().ShouldContain("carries the client's own credentials and is never passed on");
            Samples.Report(One, Samples.Env(("TOOLHIVE_HEADER_FORWARD_A", $$$"""{"addPlaintextHeaders":{"{{{spelled}}}":"own"}}"""))).ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData("X Y")]
    [InlineData("X:Y")]
    [InlineData("X-Ä")]
    [InlineData("X\\tY")]
    [InlineData("X\\r\\nHost")]
    [InlineData("X\\0")]
    [InlineData("(X)")]
    [InlineData("")]
    public void What_is_no_header_name_is_refused(string name)
    {
        Samples.Report(One + $"passthroughHeaders: [\"{name}\"]").ShouldHaveSingleItem().ShouldContain("passthroughHeaders[0]");
        Samples.Load(One + $"passthroughHeaders: [\"{name}\"]").Config.ShouldBeNull();
    }

    [Fact]
    public void Thirty_two_headers_pass_and_one_more_does_not()
    {
        string Names(int count) => One + $"passthroughHeaders: [{string.Join(", ", Enumerable.Range(0, count).Select(i => $"X-{i}"))}]";

        Samples.Report(Names(32)).ShouldBeEmpty();
        Samples.Report(Names(33)).ShouldHaveSingleItem().ShouldContain("at most 32");
    }

    [Theory]
    [InlineData(8192, true)]
    [InlineData(8193, false)]
    public void Value_is_at_most_eight_kibibytes(int length, bool accepted) => Value(new string('v', length), accepted);

    [Theory]
    [InlineData("a\r\nX-Evil: 1")]
    [InlineData("a\nb")]
    [InlineData("a\rb")]
    [InlineData("a\0b")]
    [InlineData("a\u007fb")]
    [InlineData("a\u0085b")]
    [InlineData("trailing\n")]
    [InlineData("umlaut \u00e4")]
    [InlineData("")]
    [InlineData(" blank in front")]
    public void Value_that_could_break_out_of_its_line_is_refused_without_showing_it(string value) => Value(value, accepted: false);

    private static void Value(string value, bool accepted)
    {
        string manifest = $$$"""{"addPlaintextHeaders":{"X-A":{{{JsonSerializer.Serialize(value)}}}}}""";
        (string, string)[][] worlds =
        [
            [("TOOLHIVE_HEADER_FORWARD_A", manifest)],
            [("TOOLHIVE_HEADER_FORWARD_A", """{"addHeadersFromSecret":{"X-A":"GIVEN"}}"""), ("TOOLHIVE_SECRET_GIVEN", value)],
        ];
        foreach ((string, string)[] world in worlds)
            Judge(One, Samples.Env(world));
        Judge(
            One + "outgoingAuth: {source: inline, backends: {a: {type: header_injection, headerInjection: {headerName: X-A, headerValueEnv: GIVEN}}}}",
            Samples.Env(("GIVEN", value)));

        void Judge(string yaml, Func<string, string?> env)
        {
            string[] report = Samples.Report(yaml, env);
            report.Length.ShouldBe(accepted ? 0 : 1, string.Join('\n', report));
            if (value.Length > 3)
                string.Join('\n', report).ShouldNotContain(value);
            ConfigResult result = Samples.Load(yaml, env);
            if (result.Config is { } config)
                BackendMapping.ToBackends(config, env).Backends.Backends.Length.ShouldBe(accepted ? 1 : 0);
        }
    }

    private static void Reported(string yaml, string path, string header)
    {
        string report = Samples.Report(One + yaml).ShouldHaveSingleItem();
        report.ShouldContain(path);
        report.ShouldContain($"the header {header} {Name}");
        Samples.Load(One + yaml).Config.ShouldBeNull();
    }
}
