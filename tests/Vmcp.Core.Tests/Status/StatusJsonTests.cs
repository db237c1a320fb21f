using System.Text;
using System.Text.Json;
using Vmcp.Core.Backends;
using Vmcp.Core.Capabilities;
using Vmcp.Core.Catalogs;
using Vmcp.Core.Health;
using Vmcp.Core.Status;
using Vmcp.Core.Tests.Catalogs;

namespace Vmcp.Core.Tests.Status;

public sealed class StatusJsonTests
{
    private static readonly DateTimeOffset Noon = new(2026, 7, 28, 14, 0, 0, TimeSpan.FromHours(2));

    private static readonly StatusReport Report = new() { Name = "gw", Version = "0.1.0", GroupRef = "ns/team" };

    [Theory]
    [InlineData(GatewayMode.Inline, """{"status":"ready","mode":"static"}""")]
    [InlineData(GatewayMode.Discovered, """{"status":"ready","mode":"dynamic"}""")]
    public void Readyz_of_a_ready_gateway_names_its_mode(GatewayMode mode, string body) =>
        Text(StatusJson.Readyz(Report with { Mode = mode })).ShouldBe(body);

    [Fact]
    public void Readyz_says_why_it_is_not_ready() =>
        Text(StatusJson.Readyz(Report with { Mode = GatewayMode.Discovered, Readiness = new Readiness(false, "cache_sync_pending") }))
            .ShouldBe("""{"status":"not_ready","mode":"dynamic","reason":"cache_sync_pending"}""");

    [Fact]
    [Trait("Scenario", "EP-02")]
    public void Status_begins_with_the_known_shape()
    {
        StatusReport report = Report with
        {
            Backends = [Backend("github", HealthStatus.Healthy) with { AuthType = "header_injection", Revision = "2025-11-25" }],
        };

        string body = Text(StatusJson.Status(report));

        body.ShouldStartWith(
            """{"backends":[{"name":"github","health":"healthy","transport":"streamable-http","auth_type":"header_injection","mcp_revision":"2025-11-25",""");
        body.ShouldContain("""
            ],"healthy":true,"version":"0.1.0","group_ref":"ns/team",
            """.Trim());
    }

    [Fact]
    [Trait("Scenario", "EP-02")]
    public void Revision_is_left_out_until_the_backend_was_probed() =>
        Parse(StatusJson.Status(Report with { Backends = [Backend("a", HealthStatus.Unknown)] }))
            .GetProperty("backends")[0].TryGetProperty("mcp_revision", out _).ShouldBeFalse();

    [Theory]
    [InlineData(false)]
    [InlineData(false, HealthStatus.Unhealthy, HealthStatus.Unhealthy)]
    [InlineData(false, HealthStatus.Degraded)]
    [InlineData(true, HealthStatus.Healthy, HealthStatus.Unhealthy)]
    [InlineData(false, HealthStatus.Unauthenticated, HealthStatus.Unknown)]
    [Trait("Scenario", "EP-03")]
    public void Healthy_needs_one_backend_that_is_exactly_healthy(bool healthy, params HealthStatus[] statuses)
    {
        StatusReport report = Report with { Backends = [.. statuses.Select((s, i) => Backend("b" + i, s))] };

        Parse(StatusJson.Status(report)).GetProperty("healthy").GetBoolean().ShouldBe(healthy);
    }

    [Fact]
    public void Backends_health_has_the_known_shape_to_the_letter()
    {
        StatusReport report = Report with
        {
            Backends =
            [
                Backend("slack", HealthStatus.Unhealthy) with
                {
                    State = new HealthState
                    {
                        Status = HealthStatus.Unhealthy,
                        ConsecutiveFailures = 3,
                        LastCheck = Noon.AddMilliseconds(250),
                        LastFailure = FailureCategory.ConnectionFailed,
                        LastTransition = Noon,
                    },
                    Breaker = new BreakerState { Status = BreakerStatus.HalfOpen, LastChanged = Noon },
                },
                Backend("github", HealthStatus.Healthy) with { Revision = "2025-11-25" },
            ],
        };

        Text(StatusJson.BackendsHealth(report)).ShouldBe(OneLine("""
            {"monitoring_enabled":true,"summary":{"Total":2,"Healthy":1,"Degraded":0,"Unhealthy":1,"Unknown":0,"Unauthenticated":0},
            "backends":{"github":{"Status":"healthy","ConsecutiveFailures":0,"LastCheckTime":"2026-07-28T12:00:00Z","LastErrorCategory":"",
            "LastTransitionTime":"2026-07-28T12:00:00Z","CircuitState":"closed","CircuitLastChanged":"0001-01-01T00:00:00Z","MCPRevision":"2025-11-25"},
            "slack":{"Status":"unhealthy","ConsecutiveFailures":3,"LastCheckTime":"2026-07-28T12:00:00.25Z","LastErrorCategory":"connection_failed",
            "LastTransitionTime":"2026-07-28T12:00:00Z","CircuitState":"half-open","CircuitLastChanged":"2026-07-28T12:00:00Z","MCPRevision":""}}}
            """));
    }

    [Fact]
    public void Without_monitoring_backends_health_says_only_that() =>
        Text(StatusJson.BackendsHealth(Report with { MonitoringEnabled = false, Backends = [Backend("a", HealthStatus.Healthy)] }))
            .ShouldBe("""{"monitoring_enabled":false}""");

    [Fact]
    [Trait("Scenario", "EP-05")]
    public void Both_endpoints_say_the_same_of_each_backend()
    {
        HealthStatus[] statuses = Enum.GetValues<HealthStatus>();
        StatusReport report = Report with { Backends = [.. statuses.Select(s => Backend(s.ToString(), s))] };
        JsonElement health = Parse(StatusJson.BackendsHealth(report));

        foreach (JsonElement backend in Parse(StatusJson.Status(report)).GetProperty("backends").EnumerateArray())
        {
            health.GetProperty("backends").GetProperty(backend.GetProperty("name").GetString()!).GetProperty("Status").GetString()
                .ShouldBe(backend.GetProperty("health").GetString());
        }

        statuses.Select(s => s.Word()).ShouldBe(["unknown", "healthy", "degraded", "unhealthy", "unauthenticated"]);
        foreach (HealthStatus status in statuses)
            health.GetProperty("summary").GetProperty(status.ToString()).GetInt32().ShouldBe(1);
    }

    [Fact]
    public void Failure_words_are_the_known_ones() =>
        Enum.GetValues<FailureCategory>().Select(c => c.Word()).ShouldBe(
            ["", "authentication_failed", "timeout", "cancelled", "backend_unavailable", "connection_failed", "health_check_failed"]);

    [Fact]
    public void Status_tells_mode_config_breaker_counts_and_conflicts()
    {
        StatusReport report = Report with
        {
            Sessions = 4,
            Config = new ConfigReport { Generation = 3, LoadedAt = Noon, LastReloadError = "line 7: bad", LastReloadErrorAt = Noon },
            Backends = [Backend("a", HealthStatus.Healthy) with { Transport = BackendTransport.Sse, Tools = 5, Listed = true }],
            Catalog = new CatalogReport
            {
                Version = 9,
                Tools = 5,
                Conflicts = [new CatalogConflict(CapabilityKind.Tools, "x", "a", ["b", "c"], "why")],
            },
        };

        JsonElement status = Parse(StatusJson.Status(report));

        status.GetProperty("mode").GetString().ShouldBe("inline");
        status.GetProperty("sessions").GetInt32().ShouldBe(4);
        status.GetProperty("config").GetRawText().ShouldBe(
            """{"generation":3,"loaded_at":"2026-07-28T12:00:00Z","last_reload_error":"line 7: bad","last_reload_error_at":"2026-07-28T12:00:00Z"}""");
        JsonElement backend = status.GetProperty("backends")[0];
        backend.GetProperty("transport").GetString().ShouldBe("sse");
        backend.GetProperty("listed").GetBoolean().ShouldBeTrue();
        backend.GetProperty("tools").GetInt32().ShouldBe(5);
        backend.GetProperty("breaker").GetRawText().ShouldBe("""{"state":"closed"}""");
        status.GetProperty("catalog").GetRawText().ShouldBe(OneLine("""
            {"version":9,"tools":5,"resources":0,"resource_templates":0,"prompts":0,"conflicts_total":1,
            "conflicts":[{"kind":"tools","name":"x","winner":"a","losers":["b","c"],"reason":"why"}]}
            """));
    }

    [Fact]
    [Trait("Scenario", "EP-04")]
    public void Status_shows_no_uri_of_a_contested_resource_or_a_refused_config()
    {
        StatusReport report = Report with
        {
            Config = new ConfigReport { LastReloadError = "backends[0].url: \"http://user:hunter2@inner.example/mcp\" is refused" },
            Catalog = new CatalogReport
            {
                Conflicts = [new CatalogConflict(CapabilityKind.Resources, "postgres://user:hunter2@inner.example/db", "a", ["b"], "why")],
            },
        };

        string body = Text(StatusJson.Status(report));

        body.ShouldNotContain("hunter2");
        body.ShouldNotContain("inner.example");
        body.ShouldContain("""backends[0].url: \"http://…\" is refused""");
        body.ShouldContain("\"postgres://…\"");
    }

    [Fact]
    public void Many_conflicts_are_counted_and_only_the_first_shown()
    {
        CatalogReport catalog = new()
        {
            Conflicts = [.. Enumerable.Range(0, 5000).Select(i => new CatalogConflict(CapabilityKind.Tools, "t" + i, "a", ["b"], "why"))],
        };

        JsonElement shown = Parse(StatusJson.Status(Report with { Catalog = catalog })).GetProperty("catalog");

        shown.GetProperty("conflicts_total").GetInt32().ShouldBe(5000);
        shown.GetProperty("conflicts").GetArrayLength().ShouldBe(StatusJson.MaxConflicts);
    }

    [Fact]
    public void Long_or_wild_texts_are_cut_and_cleaned()
    {
        StatusText.Sanitise(new string('x', 10_000)).Length.ShouldBe(StatusText.MaxLength);
        StatusText.Sanitise("a\nb\u0001c").ShouldBe("a b c");
        StatusText.Sanitise("see https://h/p?t=1, or ws://x").ShouldBe("see https://… or ws://…");
        StatusText.Sanitise(string.Concat(Enumerable.Repeat("😀", 400))).ShouldNotContain("\uFFFD");
        StatusText.Sanitise("a\ud800b").ShouldBe("a\ufffdb");
        StatusText.Sanitise("").ShouldBe("");
    }

    [Fact]
    public void Report_counts_what_the_catalog_lists()
    {
        Catalog catalog = Merging.Merge(
            Merging.Prefix(),
            Merging.Backend("a", "x", "y"),
            Merging.Backend("b", "x").Away());

        CatalogReport report = CatalogReport.From(catalog);

        report.Tools.ShouldBe(2);
        report.Version.ShouldBe(1);
    }

    private static BackendReport Backend(string name, HealthStatus status) =>
        new() { Name = name, State = new HealthState { Status = status, LastCheck = Noon, LastTransition = Noon } };

    private static string OneLine(string text) => text.ReplaceLineEndings("");

    private static JsonElement Parse(byte[] body) => JsonDocument.Parse(body).RootElement;

    private static string Text(byte[] body) => Encoding.UTF8.GetString(body);
}
