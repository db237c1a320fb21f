using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Hosting;

namespace Vmcp.Operator.Tests.Hosting;

public sealed class EndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Health_readiness_and_metrics_are_served()
    {
        string? why = "waiting for the first list of: MCPGroup";
        OperatorMetrics metrics = new();
        metrics.Server(new ObjectKey("demo", "hub"), "Ready", ["ready"]);
        OperatorOptions options = new() { MetricsAddress = new IPEndPoint(IPAddress.Loopback, 0), HealthAddress = new IPEndPoint(IPAddress.Loopback, 0) };
        await using OperatorEndpoints endpoints = await OperatorEndpoints.StartAsync(options, metrics, () => why, NullLoggerFactory.Instance, Token);
        using HttpClient http = new();

        (await http.GetAsync(new Uri(endpoints.Health!, "/healthz"), Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        HttpResponseMessage notReady = await http.GetAsync(new Uri(endpoints.Health!, "/readyz"), Token);
        notReady.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await notReady.Content.ReadAsStringAsync(Token)).ShouldContain("MCPGroup");
        why = null;
        (await http.GetAsync(new Uri(endpoints.Health!, "/readyz"), Token)).StatusCode.ShouldBe(HttpStatusCode.OK);
        HttpResponseMessage text = await http.GetAsync(new Uri(endpoints.Metrics!, "/metrics"), Token);
        text.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        (await text.Content.ReadAsStringAsync(Token)).ShouldContain("""vmcp_phase{namespace="demo",name="hub",phase="Ready"} 1""");
        (await http.GetAsync(new Uri(endpoints.Metrics!, "/healthz"), Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public void Metrics_count_what_happens()
    {
        OperatorMetrics metrics = new();
        metrics.Reconciled("virtualmcpserver", "success", TimeSpan.FromMilliseconds(20));
        metrics.Reconciled("virtualmcpserver", "error", TimeSpan.FromSeconds(3));
        metrics.RolledOut("config");
        metrics.Queue("virtualmcpserver", () => 7);
        metrics.Server(new ObjectKey("demo", "hub"), "Degraded", ["ready", "ready", "unavailable"]);
        string[] lines = metrics.Text().Split('\n');
        lines.ShouldContain("""vmcp_operator_reconcile_total{controller="virtualmcpserver",result="success"} 1""");
        lines.ShouldContain("""vmcp_operator_reconcile_errors_total{controller="virtualmcpserver"} 1""");
        lines.ShouldContain("""vmcp_operator_reconcile_duration_seconds_bucket{controller="virtualmcpserver",le="0.025"} 1""");
        lines.ShouldContain("""vmcp_operator_reconcile_duration_seconds_bucket{controller="virtualmcpserver",le="+Inf"} 2""");
        lines.ShouldContain("""vmcp_operator_rollouts_total{reason="config"} 1""");
        lines.ShouldContain("""vmcp_operator_queue_depth{controller="virtualmcpserver"} 7""");
        lines.ShouldContain("""vmcp_phase{namespace="demo",name="hub",phase="Ready"} 0""");
        lines.ShouldContain("""vmcp_phase{namespace="demo",name="hub",phase="Degraded"} 1""");
        lines.ShouldContain("""vmcp_backends{namespace="demo",name="hub",state="ready"} 2""");
        metrics.Forget(new ObjectKey("demo", "hub"));
        metrics.Text().ShouldNotContain("name=\"hub\"");
    }

    [Theory]
    [InlineData(":8080", "0.0.0.0:8080")]
    [InlineData("127.0.0.1:0", "127.0.0.1:0")]
    [InlineData("[::1]:81", "[::1]:81")]
    public void An_address_is_read_as_flags_spell_it(string text, string address) => BindAddress.Parse(text)!.ToString().ShouldBe(address);

    [Theory]
    [InlineData("8080")]
    [InlineData("host:80")]
    [InlineData(":70000")]
    [InlineData("")]
    public void What_is_no_address_is_refused(string text) => Should.Throw<FormatException>(() => BindAddress.Parse(text));
}
