using System.CommandLine;

namespace Vmcp.Operator.Host;

/// <summary>The flags of <c>vmcp-operator</c> (operator.md 7.1, 7.5).</summary>
internal sealed class OperatorFlags
{
    public Option<string> Metrics { get; } = new("--metrics-bind-address")
    {
        Description = "Where /metrics is served; 0 switches it off",
        HelpName = "HOST:PORT",
        DefaultValueFactory = _ => ":8080",
    };

    public Option<string> Health { get; } = new("--health-probe-bind-address")
    {
        Description = "Where /healthz and /readyz are served; 0 switches them off",
        HelpName = "HOST:PORT",
        DefaultValueFactory = _ => ":8081",
    };

    public Option<bool> LeaderElect { get; } = new("--leader-elect") { Description = "Work only while holding the Lease in POD_NAMESPACE; needed with more than one replica" };

    public Option<string?> Namespaces { get; } = new("--watch-namespaces")
    {
        Description = "Namespaces to watch, separated by commas; all when empty (env: WATCH_NAMESPACE)",
        HelpName = "NAMES",
    };

    public Option<string?> Image { get; } = new("--vmcp-image") { Description = "Image of the gateways (env: VMCP_IMAGE)", HelpName = "IMAGE" };

    public Option<int> Concurrency { get; } = new("--concurrency")
    {
        Description = "Objects reconciled at the same time, for each controller",
        HelpName = "N",
        DefaultValueFactory = _ => 4,
    };

    public Option<string> MemoryLimit { get; } = new("--default-memory-limit")
    {
        Description = "Memory limit of the gateways' container; a podTemplateSpec can say otherwise",
        HelpName = "QUANTITY",
        DefaultValueFactory = _ => Settings.OperatorSettings.Default.MemoryLimit,
    };

    public Option<string?> Controllers { get; } = new("--controllers")
    {
        Description = $"Which controllers run, separated by commas; all when empty: {string.Join(", ", Hosting.VmcpOperator.Controllers)}",
        HelpName = "NAMES",
    };

    public Option<bool> BroadSecretRead { get; } = new("--broad-secret-read")
    {
        Description = "Let discovered gateways read every Secret and ConfigMap of their namespace, not only those in use",
    };

    public Option<string?> Kubeconfig { get; } = new("--kubeconfig")
    {
        Description = "Kubeconfig file to use instead of the pod's own account (env: KUBECONFIG)",
        HelpName = "PATH",
    };

    public Option<bool> Debug { get; } = new("--debug") { Description = "Log details, not only changes of state" };

    /// <summary>All of them, in the order <c>--help</c> shows them.</summary>
    public IReadOnlyList<Option> All =>
        [Metrics, Health, LeaderElect, Namespaces, Image, Concurrency, MemoryLimit, Controllers, BroadSecretRead, Kubeconfig, Debug];
}
