using System.Net;
using Microsoft.Extensions.Logging;
using Vmcp.Cli.Serving;
using Vmcp.Config.Model;
using Vmcp.Gateway.Hosting;

namespace Vmcp.Cli.Tests.Serving;

public sealed class ServePlanTests
{
    private static readonly ServeRequest OneBackend = new() { Backends = ["notes=http://127.0.0.1:9001/mcp"] };

    [Fact]
    [Trait("Scenario", "CLI-01")]
    public async Task Nothing_given_is_an_error_that_says_what_to_give()
    {
        (await Vmcp.RunAsync("serve")).ShouldFailSaying("either --config or --group must be specified", "--backend");
    }

    [Fact]
    public async Task A_group_is_not_supported_yet_and_the_way_out_is_named()
    {
        (await Vmcp.RunAsync("serve", "--group", "team")).ShouldFailSaying("not supported yet: --group", "--backend name=url", "--config");
        (await Vmcp.RunAsync("serve", "--group", "team", "--host", "0.0.0.0")).ShouldFailSaying("loopback");
    }

    [Fact]
    public void A_file_wins_over_a_group()
    {
        using var folder = new TempFolder();
        string file = folder.Write("vmcp.yaml", "backends: [{name: a, url: 'http://127.0.0.1:9/mcp'}]");

        ServePlan plan = Plan(new ServeRequest { ConfigPath = file, Group = "team" });

        plan.Start.ShouldNotBeNull();
        plan.Warnings.ShouldHaveSingleItem().ShouldContain("--group is ignored");
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("-1")]
    [InlineData("65536")]
    [InlineData("")]
    [InlineData(" 80")]
    public void A_bad_port_is_an_error(string port) => Plan(OneBackend with { Port = port }).Errors.ShouldHaveSingleItem().ShouldContain("--port");

    [Theory]
    [InlineData("-5m", "negative")]
    [InlineData("30", "not a duration")]
    [InlineData("soon", "not a duration")]
    [InlineData("", "not a duration")]
    public void A_bad_session_ttl_is_an_error(string ttl, string why)
    {
        ServePlan plan = Plan(OneBackend with { SessionTtl = ttl });

        plan.Start.ShouldBeNull();
        plan.Errors.ShouldHaveSingleItem().ShouldContain("--session-ttl");
        plan.Errors[0].ShouldContain(why);
    }

    [Theory]
    [InlineData("0", 30)]
    [InlineData("0s", 30)]
    [InlineData("1h30m", 90)]
    public void The_session_ttl_reaches_the_gateway_and_0_is_30_minutes(string ttl, int minutes) =>
        Start(OneBackend with { SessionTtl = ttl }).Options.SessionTtl.ShouldBe(TimeSpan.FromMinutes(minutes));

    [Theory]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("[::1]", "::1")]
    public void Loopback_hosts_are_fine(string host, string address) => Start(OneBackend with { Host = host }).Address.ShouldBe(IPAddress.Parse(address));

    [Theory]
    [InlineData("example.com")]
    [InlineData("1")]
    [InlineData("")]
    public void A_host_that_is_no_address_is_an_error(string host) => Plan(OneBackend with { Host = host }).Errors[0].ShouldContain("--host");

    [Fact]
    public void Backends_of_the_command_line_are_served_with_all_defaults()
    {
        GatewayStart start = Start(OneBackend with { Backends = ["b=http://127.0.0.1:2/mcp", "a=http://127.0.0.1:1/sse"] });

        start.Config.Backends.Backends.Select(b => b.Name).ShouldBe(["a", "b"]);
        start.Config.Settings.Aggregation.PrefixFormat.ShouldBe("{workload}_");
        start.ConfigFile.ShouldBeNull();
        start.Options.Name.ShouldBe("vmcp");
    }

    [Fact]
    public void All_mistakes_are_told_together()
    {
        ServePlan plan = Plan(new ServeRequest { Backends = ["x", "y=ws://127.0.0.1"], Port = "p", SessionTtl = "t", Host = "h", EnableAudit = true });

        plan.Errors.Count.ShouldBe(6, string.Join('\n', plan.Errors));
    }

    [Fact]
    public void Backends_and_a_file_exclude_each_other()
    {
        using var folder = new TempFolder();
        string file = folder.Write("vmcp.yaml", "backends: [{name: a, url: 'http://127.0.0.1:9/mcp'}]");

        Plan(OneBackend with { ConfigPath = file }).Errors.ShouldHaveSingleItem().ShouldContain("exclude each other");
    }

    [Theory]
    [InlineData(null, "is not set")]
    [InlineData("Bearer $(TOOLHIVE_BEARER_TOKEN_K)", "refers to another one that is not set")]
    [InlineData("line\n", "control characters")]
    public void A_credential_that_is_missing_stops_a_person_but_only_its_backend_in_a_cluster(string? value, string why)
    {
        using var folder = new TempFolder();
        string file = folder.Write("config.yaml", """
            backends: [{name: good, url: 'http://127.0.0.1:9/mcp'}, {name: keyed, url: 'http://127.0.0.1:8/mcp'}]
            incomingAuth: {type: anonymous}
            outgoingAuth: {source: inline, backends: {keyed: {type: header_injection, headerInjection: {headerName: X-Key, headerValueEnv: KEY}}}}
            """);
        ServeRequest request = new() { ConfigPath = file };

        ServePlan person = ServePlan.Make(request, name => name == "KEY" ? value : null);
        person.Start.ShouldBeNull();
        person.Errors.ShouldHaveSingleItem().ShouldContain(why);

        ServePlan cluster = ServePlan.Make(request, name => name switch { "KEY" => value, "VMCP_STATUS_REPORTER" => "none", _ => null });
        cluster.Start.ShouldNotBeNull(string.Join('\n', cluster.Errors)).Config.Backends.Backends.Select(b => b.Name).ShouldBe(["good"]);
        cluster.Warnings.ShouldHaveSingleItem().ShouldContain(why);
    }

    [Fact]
    [Trait("Scenario", "INL-03")]
    public void A_gateway_the_operator_runs_keeps_its_document_and_lets_calls_finish()
    {
        using TempFolder folder = new();
        string file = folder.Write("vmcp.yaml", "backends: [{name: a, url: http://127.0.0.1:9/mcp}]\n");

        ServePlan person = ServePlan.Make(new ServeRequest { ConfigPath = file }, _ => null);
        ServePlan deployed = ServePlan.Make(new ServeRequest { ConfigPath = file }, name => name == "VMCP_STATUS_REPORTER" ? "none" : null);

        person.Start!.ConfigFile.ShouldNotBeNull();
        deployed.Start!.ConfigFile.ShouldBeNull();
        deployed.Start.Options.DrainLimit.ShouldBeGreaterThan(person.Start.Options.DrainLimit, "calls outlive a rolling restart");
    }

    [Theory]
    [InlineData("")]
    [InlineData("not base64 !")]
    [InlineData("c2hvcnQ=")]
    public void A_bad_session_secret_is_an_error_that_does_not_show_it(string secret)
    {
        ServePlan plan = ServePlan.Make(OneBackend, name => name == SessionSecret.Variable ? secret : null);

        plan.Errors.ShouldHaveSingleItem().ShouldStartWith(SessionSecret.Variable);
        if (secret.Length > 0)
            plan.Errors[0].ShouldNotContain(secret);
    }

    [Fact]
    public void A_session_secret_reaches_the_gateway()
    {
        byte[] secret = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

        ServePlan plan = ServePlan.Make(OneBackend, name => name == SessionSecret.Variable ? Convert.ToBase64String(secret) : null);

        plan.Start!.Options.SessionSecret.ShouldBe(secret);
        Start(OneBackend).Options.SessionSecret.ShouldBeNull();
    }

    [Fact]
    public void An_address_that_others_reach_needs_a_file_that_says_anonymous()
    {
        using var folder = new TempFolder();
        const string Backends = "backends: [{name: a, url: 'http://127.0.0.1:9/mcp'}]\n";
        string silent = folder.Write("silent.yaml", Backends);
        string explicitly = folder.Write("explicit.yaml", Backends + "incomingAuth: {type: anonymous}\n");

        Plan(OneBackend with { Host = "0.0.0.0" }).Errors.ShouldHaveSingleItem().ShouldContain("loopback");
        Plan(new ServeRequest { ConfigPath = silent, Host = "0.0.0.0" }).Errors.ShouldHaveSingleItem().ShouldContain("incomingAuth: {type: anonymous}");
        ServePlan open = Plan(new ServeRequest { ConfigPath = explicitly, Host = "0.0.0.0" });
        open.Start.ShouldNotBeNull();
        open.Warnings.ShouldHaveSingleItem().ShouldContain("everybody who reaches this address");
        Plan(new ServeRequest { ConfigPath = explicitly }).Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void An_address_that_others_reach_may_be_served_to_who_has_a_token_and_never_to_the_local_user()
    {
        using var folder = new TempFolder();
        const string Backends = "backends: [{name: a, url: 'http://127.0.0.1:9/mcp'}]\n";
        string oidc = folder.Write("oidc.yaml", Backends + "incomingAuth: {type: oidc, oidc: {issuer: 'https://idp.example', audience: 'https://gw.example/mcp'}}\n");
        string unfindable = folder.Write("unfindable.yaml", Backends + "incomingAuth: {type: oidc, oidc: {issuer: 'https://idp.example', audience: vmcp}}\n");
        string local = folder.Write("local.yaml", Backends + "incomingAuth: {type: local}\n");

        ServePlan open = Plan(new ServeRequest { ConfigPath = oidc, Host = "0.0.0.0" });
        open.Start.ShouldNotBeNull();
        open.Warnings.ShouldBeEmpty();
        Plan(new ServeRequest { ConfigPath = unfindable, Host = "0.0.0.0" }).Warnings.ShouldHaveSingleItem().ShouldContain("incomingAuth.oidc.resource");
        Plan(new ServeRequest { ConfigPath = local, Host = "0.0.0.0" }).Errors.ShouldHaveSingleItem().ShouldContain("incomingAuth.type local");
        Plan(new ServeRequest { ConfigPath = local }).Start.ShouldNotBeNull();
    }

    [Fact]
    public void Host_names_are_checked_unless_the_listener_is_open_and_none_are_listed()
    {
        using var folder = new TempFolder();
        string file = folder.Write(
            "vmcp.yaml", "backends: [{name: a, url: 'http://127.0.0.1:9/mcp'}]\nincomingAuth: {type: anonymous}\n");
        ServeRequest open = new() { ConfigPath = file, Host = "0.0.0.0" };

        Start(OneBackend).Options.AllowedHosts.ShouldNotBeNull().ShouldBeEmpty();
        Start(OneBackend with { AllowedHosts = ["Mcp.Example"] }).Options.AllowedHosts!.Contains("mcp.example").ShouldBeTrue();
        Start(open).Options.AllowedHosts.ShouldBeNull();
        Start(open with { AllowedHosts = ["mcp.example"] }).Options.AllowedHosts!.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(null, "127.0.0.1", null, true, false)]
    [InlineData(null, "0.0.0.0", null, false, false)]
    [InlineData(null, "127.0.0.1", "kubernetes", false, false)]
    [InlineData("off", "127.0.0.1", null, false, false)]
    [InlineData("on", "127.0.0.1", null, true, true)]
    [InlineData("on", "0.0.0.0", "none", true, true)]
    public void The_dashboard_is_for_this_machine_unless_it_is_asked_for(string? asked, string host, string? reporter, bool on, bool forAll)
    {
        using var folder = new TempFolder();
        string file = folder.Write(
            "vmcp.yaml", "backends: [{name: a, url: 'http://127.0.0.1:9/mcp'}]\nincomingAuth: {type: anonymous}\n");
        ServeRequest request = new() { ConfigPath = file, Host = host, Dashboard = asked };

        ServePlan plan = ServePlan.Make(request, name => name == "VMCP_STATUS_REPORTER" ? reporter : null);

        plan.Start.ShouldNotBeNull().Options.Dashboard.ShouldBe(on);
        plan.Start.Options.ShowCatalog.ShouldBe(forAll);
    }

    [Theory]
    [InlineData(false, null, LogLevel.Information)]
    [InlineData(false, LogLevelName.Warn, LogLevel.Warning)]
    [InlineData(false, LogLevelName.Error, LogLevel.Error)]
    [InlineData(false, LogLevelName.Debug, LogLevel.Debug)]
    [InlineData(true, LogLevelName.Error, LogLevel.Debug)]
    public void The_log_level_is_the_files_unless_debug_is_asked_for(bool debug, LogLevelName? written, LogLevel level) =>
        LogSetup.LevelOf(debug, written).ShouldBe(level);

    private static ServePlan Plan(ServeRequest request) => ServePlan.Make(request, _ => null);

    private static GatewayStart Start(ServeRequest request)
    {
        ServePlan plan = Plan(request);
        return plan.Start ?? throw new InvalidOperationException(string.Join('\n', plan.Errors));
    }
}
