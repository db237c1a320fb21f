using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Vmcp.KubeKit.Workloads;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Hosting;
using Vmcp.Operator.Planning;
using Vmcp.Resources;

namespace Vmcp.ApiServer.Tests.Running;

/// <summary>The operator as each scope of <c>deploy/operator</c> installs it, with no other rights than its own, against a real API server.</summary>
public sealed class RunningOperatorTests
{
    private const string Manifests = """
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPGroup
        metadata: {name: team}
        spec: {}
        ---
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPServer
        metadata: {name: alpha}
        spec: {groupRef: {name: team}, image: echo, transport: streamable-http, proxyPort: 8080, mcpPort: 8080, externalAuthConfigRef: {name: key1}}
        ---
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: MCPExternalAuthConfig
        metadata: {name: key1}
        spec: {type: headerInjection, headerInjection: {headerName: X-Key, valueSecretRef: {name: s1, key: token}}}
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: s1}
        stringData: {token: hunter2-hunter2}
        ---
        apiVersion: toolhive.stacklok.dev/v1beta1
        kind: VirtualMCPServer
        metadata: {name: hub}
        spec:
          groupRef: {name: team}
          incomingAuth: {type: anonymous}
          outgoingAuth: {source: discovered}
          replicas: 2
        """;

    private static readonly ResourceType[] Children =
    [
        BuiltIn.ServiceAccount, BuiltIn.Role, BuiltIn.RoleBinding, BuiltIn.Secret, BuiltIn.ConfigMap, BuiltIn.Service, BuiltIn.Deployment, BuiltIn.PodDisruptionBudget,
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("cluster-scope", "demo", "")]
    [InlineData("namespace-scope", "default", "default")]
    [Trait("Scenario", "RST-01")]
    [Trait("Scenario", "SWITCH-01")]
    [Trait("Scenario", "SWITCH-02")]
    public async Task With_its_own_rights_only_it_makes_a_gateway_switches_it_and_rests(string scope, string space, string watched)
    {
        await using Server server = await Server.StartAsync(cancellationToken: Token);
        await server.ApplyCrdsAsync();
        await server.KubectlAsync("apply", "--server-side", "-k", Path.Combine(Repository.Root, "deploy", "operator", scope));
        if (space != "default")
            await server.CreateNamespaceAsync(space, Token);
        string file = Path.Combine(server.Folder, "manifests.yaml");
        await File.WriteAllTextAsync(file, Manifests, Token);
        await server.KubectlAsync("apply", "-n", space, "-f", file);
        using KubeClient admin = Client(server.AdminKubeconfig);
        await StandAsync(admin, space);

        string token = await server.TokenForServiceAccountAsync("vmcp-system", "vmcp-operator", cancellationToken: Token);
        using KubeClient own = Client(server.WriteKubeconfigForToken(token));
        using Answers answers = new();
        using HttpClient http = new(answers);
        Lines log = new();
        OperatorOptions options = new()
        {
            LeaderElect = true,
            LeaseNamespace = "vmcp-system",
            Identity = "test",
            Namespaces = [.. watched.Split(',', StringSplitOptions.RemoveEmptyEntries)],
            Debounce = TimeSpan.FromMilliseconds(50),
        };
        VmcpOperator vmcp = new(options, new OperatorParts { Cluster = own, Planner = VirtualServerPlanner.Plan, Http = http, Address = p => new Uri($"http://{p.Name}/status"), Loggers = log });
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task running = vmcp.RunAsync(stop.Token);
        World world = new(admin, new RolloutSimulator(admin, space), space, log);

        await world.UntilAsync("Ready=True", "ModeTransition=False");
        await world.RestsAsync(vmcp);

        await world.SwitchAsync("inline");
        await world.UntilAsync("ModeTransition=False/Complete", mode: "inline");
        (await admin.GetAsync(BuiltIn.Role, new ObjectKey(space, "hub-vmcp"), Token)).ShouldBeNull();
        await world.UntilAsync("Ready=True");
        await world.RestsAsync(vmcp);

        // The last backend goes: its list is emptied, which a real server makes hard, and comes back.
        await admin.DeleteAsync(ToolHive.MCPServer, new ObjectKey(space, "alpha"), DeleteOptions.Default, Token);
        await world.UntilAsync("BackendsDiscovered=False");
        (await admin.GetAsync(ToolHive.VirtualMCPServer, new ObjectKey(space, "hub"), Token))!.At("status", "backendCount")!.Value.GetInt32().ShouldBe(0);
        await world.UntilAsync(async () => (await admin.GetAsync(ToolHive.MCPGroup, new ObjectKey(space, "team"), Token))!.At("status", "serverCount")?.GetInt32() == 0);
        await server.KubectlAsync("apply", "-n", space, "-f", file);
        await world.SwitchAsync("inline");
        await StandAsync(admin, space);
        await world.UntilAsync("BackendsDiscovered=True");

        await world.SwitchAsync("discovered");
        await world.UntilAsync("ModeTransition=False/Complete", mode: "discovered");
        (await admin.GetAsync(BuiltIn.Role, new ObjectKey(space, "hub-vmcp"), Token)).ShouldNotBeNull();
        await world.RestsAsync(vmcp);

        await stop.CancelAsync();
        (await running.WaitAsync(TimeSpan.FromSeconds(20), Token).ContinueWith(t => t.IsCompletedSuccessfully, TaskScheduler.Default)).ShouldBeTrue();
        log.Text.ShouldNotContain("orbidden");
        log.Text.ShouldNotContain("hunter2");
        (await server.KubectlAsync("get", "events", "-n", space, "-o", "yaml")).ShouldContain("DeploymentCreated");
    }

    [Fact]
    public async Task Both_scopes_are_valid_manifests_and_touch_no_secret_that_exists()
    {
        await using Server server = await Server.StartAsync(cancellationToken: Token);
        foreach (string scope in new[] { "cluster-scope", "namespace-scope" })
        {
            string folder = Path.Combine(Repository.Root, "deploy", "operator", scope);
            await server.KubectlAsync("apply", "--server-side", "-k", folder);
            JsonNode role = JsonNode.Parse(await server.KubectlAsync("get", "clusterrole", "vmcp-operator", "-o", "json"))!;
            JsonNode[] secrets = [.. role["rules"]!.AsArray().Where(r => r!["resources"]!.AsArray().Any(x => x!.GetValue<string>() == "secrets"))!];
            secrets.SelectMany(r => r["verbs"]!.AsArray().Select(v => v!.GetValue<string>())).ShouldBe(["get", "list", "watch", "create"], ignoreOrder: true);
            role.ToJsonString().ShouldNotContain("\"*\"");
        }
    }

    // Says of the backend what its own operator would.
    private static Task<KubeObject> StandAsync(KubeClient admin, string space) => admin.PatchAsync(
        ToolHive.MCPServer,
        new ObjectKey(space, "alpha"),
        new Patch.Merge(new JsonObject { ["status"] = new JsonObject { ["phase"] = "Ready", ["url"] = "http://alpha.demo.svc.cluster.local:8080/mcp" } }),
        new WriteOptions { Subresource = "status" },
        Token);

    private static KubeClient Client(string kubeconfig) =>
        new(KubeConfig.Load(kubeconfig), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);

    private sealed record World(KubeClient Admin, RolloutSimulator Rollouts, string Space, Lines Log)
    {
        private ObjectKey Hub => new(Space, "hub");

        public Task<KubeObject> SwitchAsync(string source) => Admin.PatchAsync(
            ToolHive.VirtualMCPServer, Hub,
            new Patch.Merge(JsonNode.Parse("{\"spec\":{\"outgoingAuth\":{\"source\":\"" + source + "\"}}}")!.AsObject()), new WriteOptions { FieldManager = "user" }, Token);

        public async Task UntilAsync(Func<Task<bool>> holds)
        {
            for (DateTimeOffset limit = DateTimeOffset.UtcNow.AddSeconds(60); !await holds(); await Task.Delay(50, Token))
            {
                if (DateTimeOffset.UtcNow > limit)
                    throw new TimeoutException(Log.Text);
            }
        }

        public async Task UntilAsync(string condition, string? second = null, string? mode = null)
        {
            DateTimeOffset limit = DateTimeOffset.UtcNow.AddSeconds(120);
            KubeObject? hub = null;
            while (DateTimeOffset.UtcNow < limit)
            {
                await Rollouts.StepAsync(Token);
                hub = await Admin.GetAsync(ToolHive.VirtualMCPServer, Hub, Token);
                List<string> seen = hub!.At("status", "conditions") is { } list
                    ? [.. list.EnumerateArray().Select(c => $"{c.GetProperty("type").GetString()}={c.GetProperty("status").GetString()}/{c.GetProperty("reason").GetString()}")]
                    : [];
                if (seen.Any(c => c.StartsWith(condition, StringComparison.Ordinal)) && (second is null || seen.Any(c => c.StartsWith(second, StringComparison.Ordinal)))
                    && (mode is null || hub.At("status", "mode")?.GetString() == mode))
                {
                    return;
                }

                await Task.Delay(50, Token);
            }

            throw new TimeoutException($"{condition} did not come: {hub?.At("status")?.GetRawText()}\n{Log.Text}");
        }

        /// <summary>A full pass more changes no version of anything.</summary>
        public async Task RestsAsync(VmcpOperator vmcp)
        {
            string before = "";
            for (int quiet = 0; quiet < 4;)
            {
                await Rollouts.SettleAsync(Token);
                await Task.Delay(250, Token);
                string now = await VersionsAsync();
                quiet = now == before ? quiet + 1 : 0;
                before = now;
            }

            string written = Writes(vmcp);
            long passes = vmcp.Metrics.Reconciles("virtualmcpserver", "success") + vmcp.Metrics.Reconciles("virtualmcpserver", "requeue");
            await Admin.PatchAsync(ToolHive.VirtualMCPServer, Hub, new Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["wake"] = Guid.NewGuid().ToString("N") } } }), WriteOptions.Default, Token);
            DateTimeOffset limit = DateTimeOffset.UtcNow.AddSeconds(30);
            while (vmcp.Metrics.Reconciles("virtualmcpserver", "success") + vmcp.Metrics.Reconciles("virtualmcpserver", "requeue") == passes)
            {
                if (DateTimeOffset.UtcNow > limit)
                    throw new TimeoutException($"no second pass\n{Log.Text}");
                await Task.Delay(50, Token);
            }

            await Task.Delay(500, Token);
            (await VersionsAsync()).ShouldBe(before, Log.Text);
            Writes(vmcp).ShouldBe(written, Log.Text);
        }

        private static string Writes(VmcpOperator vmcp) =>
            string.Join('\n', vmcp.Metrics.Text().Split('\n').Where(l => l.StartsWith("vmcp_operator_writes_total", StringComparison.Ordinal)));

        private async Task<string> VersionsAsync()
        {
            List<string> versions = [];
            foreach (ResourceType type in Children)
            {
                ObjectPage page = await Admin.ListAsync(type, new ListOptions { Namespace = Space }, Token);
                versions.AddRange(page.Items.Select(i => $"{type.Kind}/{i.Meta.Name}@{i.Meta.ResourceVersion}"));
            }

            return string.Join('\n', versions);
        }
    }

    private sealed class Answers : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent("""{"backends":[{"name":"alpha","health":"healthy","transport":"streamable-http","auth_type":"header_injection","last_check":"2026-01-01T00:00:00.123Z","breaker":{"state":"closed","last_changed":"2026-01-01T00:00:00.5Z"}}]}"""),
            });
    }

    private sealed class Lines : ILoggerFactory
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public string Text => string.Join('\n', _lines);

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => new Writer(_lines);

        public void Dispose()
        {
        }

        private sealed class Writer(ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");
        }
    }
}
