using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Vmcp.Cli.Explaining;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Cli.Tests.Clusters;

/// <summary><c>vmcp explain TOOL --name NAME</c>: out of resources, and of the gateway where it lets itself be asked.</summary>
public sealed class ClusterExplainTests
{
    private const string Status = """
        {"backends":[{"name":"notes","health":"healthy","auth_type":"header_injection","auth_source":"default","mcp_revision":"2025-11-25","listed":true,"breaker":{"state":"closed"}},
        {"name":"jira","health":"unhealthy","last_error_category":"timeout","consecutive_failures":4,"last_check":"2026-01-01T00:00:00Z","auth_type":"header_injection","auth_source":"workload","breaker":{"state":"open"}}]}
        """;

    private const string Catalog = """
        {"backends":[{"name":"notes","health":"healthy","auth_type":"header_injection","auth_source":"default","mcp_revision":"2025-11-25","listed":true,
        "items":[{"kind":"tools","name":"add","exposed_name":"notes_add","outcome":"visible","reason":"x","renamed_by":["prefix"]}]}]}
        """;

    [Fact]
    public async Task Resources_alone_tell_who_is_called_as_whom_and_how_it_is()
    {
        KubeWorld world = await KubeWorld.StartAsync();

        (Explanation jira, string text) = await world.ExplainAsync("jira_search");
        (Explanation broken, string brokenText) = await world.ExplainAsync("broken/x");

        jira.ExitCode.ShouldBe(1);
        text.ShouldContain("backend   ok  MCPServer/jira, a member of group team");
        text.ShouldContain("auth      ok  header_injection, chosen by the workload's own externalAuthConfigRef: MCPExternalAuthConfig \"jira-key\"");
        text.ShouldContain("health    NO  unavailable, says the server's status: connection failed");
        broken.ExitCode.ShouldBe(1);
        brokenText.ShouldContain("auth      NO  SecretNotFound: ");
        brokenText.ShouldContain("\"nowhere\"");
        (text + brokenText).ShouldNotContain("hidden-value");
    }

    [Fact]
    public async Task A_gateway_that_hides_its_catalog_still_tells_its_health_and_the_remedy_is_told()
    {
        KubeWorld world = await KubeWorld.StartAsync();
        world.Pod = path => path == "status" ? new PodAnswer(200, Encoding.UTF8.GetBytes(Status)) : new PodAnswer(403, "{\"error\":\"forbidden\"}"u8.ToArray());

        (Explanation notes, string text) = await world.ExplainAsync("notes/add");
        (_, string jira) = await world.ExplainAsync("jira/search");

        notes.ExitCode.ShouldBe(2, text);
        text.ShouldContain("health    ok  healthy");
        text.ShouldContain("listed    ?   the gateway shows what its backends list to callers in its own pod only; "
            + "to see all: kubectl -n demo port-forward deploy/hub 4483, and then vmcp explain TOOL --server http://127.0.0.1:4483");
        jira.ShouldContain("health    NO  unhealthy: timeout, 4 checks in a row, circuit breaker open");
    }

    [Fact]
    public async Task A_gateway_that_shows_its_catalog_is_believed()
    {
        KubeWorld world = await KubeWorld.StartAsync();
        world.Pod = _ => new PodAnswer(200, Encoding.UTF8.GetBytes(Catalog));

        (Explanation explanation, string text) = await world.ExplainAsync("notes_add");

        explanation.ExitCode.ShouldBe(0, text);
        text.ShouldContain("chosen by outgoingAuth.default: MCPExternalAuthConfig \"shared\"");
        text.ShouldContain("visible   ok  clients see it as \"notes_add\"");
    }

    [Fact]
    public async Task A_credential_made_from_the_callers_token_needs_callers_who_bring_one()
    {
        const string Exchange = """
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPExternalAuthConfig
            metadata: {name: jira-key}
            spec: {type: tokenExchange, tokenExchange: {tokenUrl: 'https://idp.example.com/token', audience: jira}}
            """;
        KubeWorld world = await KubeWorld.StartAsync();
        await world.ApplyAsync(Exchange);
        (Explanation anonymous, string refused) = await world.ExplainAsync("jira/search");
        await world.ApplyAsync("""
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: VirtualMCPServer
            metadata: {name: hub}
            spec: {groupRef: {name: team}, incomingAuth: {type: oidc, oidcConfigRef: {name: idp, audience: hub}}}
            """);
        (_, string oidc) = await world.ExplainAsync("jira/search");

        anonymous.ExitCode.ShouldBe(1);
        refused.ShouldContain("auth      NO  CallerIdentityRequired: Backend \"jira\" is not served: token_exchange");
        refused.ShouldContain("use type oidc");
        oidc.ShouldContain("auth      ok  token_exchange, chosen by the workload's own externalAuthConfigRef: MCPExternalAuthConfig \"jira-key\", made from each caller's own token");
    }

    [Fact]
    public async Task A_header_that_the_config_of_the_server_passes_on_keeps_an_entry_that_sets_it_away_too()
    {
        KubeWorld world = await KubeWorld.StartAsync();
        await world.ApplyAsync("""
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: VirtualMCPServer
            metadata: {name: hub}
            spec: {groupRef: {name: team}, incomingAuth: {type: anonymous}, config: {passthroughHeaders: [X-Tenant]}}
            ---
            apiVersion: toolhive.stacklok.dev/v1beta1
            kind: MCPServerEntry
            metadata: {name: far}
            spec:
              groupRef: {name: team}
              remoteUrl: https://far.example.com/mcp
              transport: streamable-http
              headerForward: {addPlaintextHeaders: {X-Tenant: blue}}
            status: {phase: Valid}
            """);

        (_, string text) = await world.ExplainAsync("far/x");

        text.ShouldContain("header X-Tenant is among the server's passthroughHeaders too");
    }

    [Fact]
    public async Task What_the_account_may_not_read_is_said_and_taken_to_be_in_order()
    {
        KubeWorld world = await KubeWorld.StartAsync();
        world.Forbid(r => r.Type == BuiltIn.Secret || r.Type == BuiltIn.Pod);

        (_, string text) = await world.ExplainAsync("broken/x");

        text.ShouldContain("auth      ok  header_injection");
        text.ShouldContain("note: your account may not get secrets in namespace \"demo\"");
        text.ShouldContain("note: your account may not list pods");
    }

    [Theory]
    [InlineData(200, "{\"backends\":[]}", 200, null)]
    [InlineData(403, "{\"error\":\"forbidden\"}", 403, null)]
    [InlineData(404, "not found", 404, null)]
    [InlineData(403, "{\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"Forbidden\",\"code\":403,\"message\":\"pods is forbidden\"}", null, KubeError.Forbidden)]
    public async Task A_pod_is_asked_through_the_API_server_and_the_two_are_told_apart(int code, string body, int? status, KubeError? error)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        await using WebApplication server = builder.Build();
        string? asked = null;
        server.Run(async context =>
        {
            asked = context.Request.Path.Value;
            context.Response.StatusCode = code;
            await context.Response.WriteAsync(body);
        });
        await server.StartAsync(CancellationToken.None);
        KubeConfig config = new() { Server = new Uri(server.Urls.First()), Source = "test" };
        using KubeClient client = new(config, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        Task<PodAnswer> answer = ((IPodProxy)client).GetAsync(new ObjectKey("demo", "hub-1"), 4483, "api/catalog", CancellationToken.None);

        if (error is not null)
            (await Should.ThrowAsync<KubeException>(() => answer)).Error.ShouldBe(error.Value);
        else
            (await answer).Status.ShouldBe(status!.Value);
        asked.ShouldBe("/api/v1/namespaces/demo/pods/hub-1:4483/proxy/api/catalog");
    }
}
