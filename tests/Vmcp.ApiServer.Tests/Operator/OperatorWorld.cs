using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.KubeKit.Workloads;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Operator;

/// <summary>
/// An API server with the shipped CRDs and the shipped rights, on which the real <c>vmcp-operator</c> runs as its own ServiceAccount and
/// somebody plays the workload controllers.
/// </summary>
internal sealed class OperatorWorld : IAsyncDisposable
{
    private const string OperatorNamespace = "vmcp-system";
    private const string OperatorAccount = "vmcp-operator";
    private static readonly ResourceType AccessReview = new("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview") { Namespaced = false };

    private readonly CancellationTokenSource _ending = new();
    private readonly List<KubeClient> _clients = [];
    private readonly List<TestProcess> _operators = [];
    private readonly HashSet<string> _members = [];
    private PodAnswers? _answers;
    private Task _rollouts = Task.CompletedTask;
    private string _operatorKubeconfig = "";

    private OperatorWorld(Server server, string @namespace)
    {
        Server = server;
        Namespace = @namespace;
        Admin = ClientFor(server.AdminKubeconfig);
    }

    public Server Server { get; }

    public string Namespace { get; }

    public KubeClient Admin { get; }

    public RolloutSimulator Rollouts { get; private set; } = null!;

    public static async Task<OperatorWorld> StartAsync(string? auditPolicy = null)
    {
        Server server = await Server.StartAsync(new ApiServerOptions { AuditPolicy = auditPolicy });
        OperatorWorld world = new(server, "demo");
        try
        {
            await server.ApplyCrdsAsync();
            await server.KubectlAsync("apply", "-k", Path.Combine(Repository.Root, "deploy", "operator"));
            await server.CreateNamespaceAsync("demo");
            world._operatorKubeconfig = server.WriteKubeconfigForToken(
                await server.TokenForServiceAccountAsync(OperatorNamespace, OperatorAccount), OperatorNamespace);
            PodAnswers answers = world._answers = await PodAnswers.StartAsync();
            world.Rollouts = new RolloutSimulator(world.Admin, "demo") { AddressOf = (_, _) => answers.Address.ToString() };
            world._rollouts = world.Rollouts.RunAsync(TimeSpan.FromMilliseconds(100), world._ending.Token);
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts another vmcp-operator, with its own rights.</summary>
    public TestProcess StartOperator(params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "vmcp-operator.dll");
        TestProcess process = TestProcess.Start(
            "dotnet",
            [
                "exec", program, $"--kubeconfig={_operatorKubeconfig}", "--leader-elect", "--metrics-bind-address=127.0.0.1:0",
                "--health-probe-bind-address=127.0.0.1:0", "--vmcp-image=registry.example.com/vmcp:test", .. arguments,
            ],
            new Dictionary<string, string?> { ["POD_NAMESPACE"] = OperatorNamespace, ["KUBECONFIG"] = null });
        _operators.Add(process);
        return process;
    }

    public KubeClient OperatorClient() => ClientFor(_operatorKubeconfig);

    public async Task<KubeClient> ClientOfAccountAsync(string account) =>
        ClientFor(Server.WriteKubeconfigForToken(await Server.TokenForServiceAccountAsync(Namespace, account), Namespace));

    public async Task ApplyAsync(string yaml)
    {
        string file = Path.Combine(Server.Folder, $"{Guid.NewGuid():N}.yaml");
        // What begins with a brace kubectl takes for JSON.
        await File.WriteAllTextAsync(file, "---\n" + yaml);
        await Server.KubectlAsync("apply", "--namespace", Namespace, "-f", file);
    }

    /// <summary>A group, and members with an address as the controller of MCPServers would have written it.</summary>
    public async Task GroupAsync(string group, params string[] members)
    {
        await ApplyAsync($"{{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPGroup, metadata: {{name: {group}}}, spec: {{}}}}");
        foreach (string member in members)
            await MemberAsync(group, member);
    }

    public async Task MemberAsync(string group, string member, string? authConfig = null)
    {
        _members.Add(member);
        _answers!.Backends = _members;
        string auth = authConfig is null ? "" : $", externalAuthConfigRef: {{name: {authConfig}}}";
        await ApplyAsync(
            $"{{apiVersion: toolhive.stacklok.dev/v1beta1, kind: MCPServer, metadata: {{name: {member}}}, "
            + $"spec: {{image: echo:test, transport: streamable-http, groupRef: {{name: {group}}}{auth}}}}}");
        JsonObject status = new()
        {
            ["status"] = new JsonObject { ["phase"] = "Ready", ["url"] = $"http://mcp-{member}-proxy.{Namespace}.svc.cluster.local:8080/mcp" },
        };
        await Admin.PatchAsync(
            ToolHive.MCPServer, Key(member), new Patch.Merge(status), new WriteOptions { Subresource = "status" }, CancellationToken.None);
    }

    public Task ServerAsync(string name, string group, string source, string more = "") => ApplyAsync(
        $"{{apiVersion: toolhive.stacklok.dev/v1beta1, kind: VirtualMCPServer, metadata: {{name: {name}}}, "
        + $"spec: {{groupRef: {{name: {group}}}, incomingAuth: {{type: anonymous}}, outgoingAuth: {{source: {source}}}{more}}}}}");

    public async Task<VirtualMCPServer> ReadServerAsync(string name) =>
        ResourceReader.Read(
            await Admin.GetAsync(ToolHive.VirtualMCPServer, Key(name), CancellationToken.None) ?? throw new InvalidOperationException($"no {name}"),
            ResourcesJson.Default.VirtualMCPServer);

    /// <summary>
    /// Waits until a server runs in a mode, with no switch going on. No gateway is there to report in discovered mode, so a first health check
    /// may be outstanding for ever.
    /// </summary>
    public async Task<VirtualMCPServer> RunsAsync(string name, string mode)
    {
        try
        {
            return await Eventually.ReadsAsync(
                () => ReadServerAsync(name),
                s => s.Status.Mode == mode && (s.Status.Phase == "Ready" || (mode == "discovered" && Reason(s) == "BackendsPending")) && s.Status.ObservedGeneration == s.Metadata.Generation
                    && s.Status.Conditions.All(c => c.Type != "ModeTransition" || c.Status == "False"),
                $"{name} runs in mode {mode}",
                TimeSpan.FromMinutes(2));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}\noperator:\n{string.Join('\n', _operators.SelectMany(o => o.Lines.TakeLast(40)))}", e);
        }
    }

    private static string? Reason(VirtualMCPServer server) => server.Status.Conditions.FirstOrDefault(c => c.Type == "Ready")?.Reason;

    public Task<KubeObject?> FindAsync(ResourceType type, string name) => Admin.GetAsync(type, Key(name), CancellationToken.None);

    public ObjectKey Key(string name) => new(Namespace, name);

    /// <summary>Whether the account of a client may do something in the namespace (SelfSubjectAccessReview).</summary>
    public async Task<bool> MayAsync(KubeClient client, string verb, ResourceType type, string? name = null, string? subresource = null)
    {
        JsonObject attributes = new() { ["namespace"] = Namespace, ["verb"] = verb, ["group"] = type.Group, ["resource"] = type.Plural };
        if (name is not null)
            attributes["name"] = name;
        if (subresource is not null)
            attributes["subresource"] = subresource;
        JsonObject review = new()
        {
            ["apiVersion"] = AccessReview.ApiVersion,
            ["kind"] = AccessReview.Kind,
            ["metadata"] = new JsonObject(),
            ["spec"] = new JsonObject { ["resourceAttributes"] = attributes },
        };
        KubeObject answer = await client.CreateAsync(AccessReview, review, WriteOptions.Default, CancellationToken.None);
        return answer.At("status", "allowed")?.GetBoolean() == true;
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        foreach (TestProcess process in _operators)
            await process.DisposeAsync();
        await _rollouts.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (KubeClient client in _clients)
            client.Dispose();
        if (_answers is not null)
            await _answers.DisposeAsync();
        await Server.DisposeAsync();
        _ending.Dispose();
    }

    private KubeClient ClientFor(string kubeconfig)
    {
        KubeClient client = new(KubeConfig.Load(kubeconfig), TimeProvider.System, NullLogger.Instance);
        _clients.Add(client);
        return client;
    }
}
