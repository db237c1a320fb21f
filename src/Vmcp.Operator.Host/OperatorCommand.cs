using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;
using Vmcp.Operator.Hosting;
using Vmcp.Operator.Planning;

namespace Vmcp.Operator.Host;

/// <summary>The command <c>vmcp-operator</c>: exit code 0 after a signal, 1 on a mistake in the flags or when the lead was lost.</summary>
internal static class OperatorCommand
{
    /// <summary>Command lines to copy.</summary>
    public static IReadOnlyList<string> Examples { get; } =
    [
        "vmcp-operator --leader-elect",
        "vmcp-operator --kubeconfig ~/.kube/config --watch-namespaces team-a,team-b",
        "vmcp-operator --controllers virtualmcpserver --metrics-bind-address 127.0.0.1:8080",
    ];

    /// <summary>What scripts may rely on.</summary>
    public static IReadOnlyList<string> ExitCodes { get; } = ["0  it was told to stop", "1  a mistake in the flags, no way to the cluster, or the lead was lost"];

    /// <summary>Runs until a signal or the token.</summary>
    public static async Task<int> RunAsync(string[] args, Func<string, string?> env, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        OperatorFlags flags = new();
        RootCommand root = Build(flags);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples(new HelpAction());
        root.SetAction((parsed, token) => StartAsync(parsed, flags, env, error, token));
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
            return Fail(error, parsed.Errors.Select(e => e.Message).Distinct().Append("try: vmcp-operator --help"));
        InvocationConfiguration invocation = new()
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // signals are ours: the lease has to be given back
        };
        return await parsed.InvokeAsync(invocation, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The command with its flags; the reference is written from it.</summary>
    internal static RootCommand Build(OperatorFlags flags)
    {
        RootCommand root = new("Runs the gateways of the VirtualMCPServers in a Kubernetes cluster.");
        foreach (Option option in flags.All)
            root.Options.Add(option);
        root.HelpName = "vmcp-operator";
        return root;
    }

    private static async Task<int> StartAsync(ParseResult parsed, OperatorFlags flags, Func<string, string?> env, TextWriter error, CancellationToken cancellationToken)
    {
        (OperatorOptions? options, IReadOnlyList<string> errors) = OptionReader.Read(parsed, flags, env);
        if (options is null)
            return Fail(error, errors);
        KubeConfig config;
        try
        {
            config = KubeConfig.Load(parsed.GetValue(flags.Kubeconfig), environment: new KubeEnvironment { Variable = env });
        }
        catch (KubeConfigException e)
        {
            return Fail(error, [e.Message]);
        }

        using ILoggerFactory loggers = LoggerFactory.Create(logging => Logging(logging, parsed.GetValue(flags.Debug)));
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stop));
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stop));
        using KubeClient cluster = new(config, TimeProvider.System, loggers.CreateLogger<KubeClient>());
        using SocketsHttpHandler handler = new() { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(3) };
        using HttpClient http = new(handler);
        VmcpOperator vmcp = new(options, new OperatorParts { Cluster = cluster, Issuer = cluster, Planner = VirtualServerPlanner.Plan, Http = http, Loggers = loggers });
        OperatorEndpoints endpoints = await OperatorEndpoints.StartAsync(options, vmcp.Metrics, () => vmcp.NotReady, loggers, stop.Token).ConfigureAwait(false);
        await using (endpoints.ConfigureAwait(false))
        {
            ILogger logger = loggers.CreateLogger("Vmcp.Operator.Host");
            logger.Started(config.ToString(), options.Namespaces.IsEmpty ? "all" : string.Join(", ", options.Namespaces), endpoints.Health, endpoints.Metrics);
            bool kept = await vmcp.RunAsync(stop.Token).ConfigureAwait(false);
            logger.Ended(kept ? "told to stop" : "the lead was lost");
            return kept ? 0 : 1;
        }
    }

    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = true;
        stop.Cancel();
    }

    private static void Logging(ILoggingBuilder logging, bool debug)
    {
        logging.ClearProviders().SetMinimumLevel(debug ? LogLevel.Debug : LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddJsonConsole(o =>
        {
            o.UseUtcTimestamp = true;
            o.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
        });
        logging.Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static int Fail(TextWriter error, IEnumerable<string> lines)
    {
        foreach (string line in lines)
            error.WriteLine($"vmcp-operator: {line}");
        return 1;
    }

    private sealed class HelpWithExamples(HelpAction plain) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            plain.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Environment:");
            foreach ((string name, string meaning) in OperatorVariables.All)
                output.WriteLine($"  {name,-40}{meaning}");
            output.WriteLine();
            output.WriteLine("Examples:");
            foreach (string example in Examples)
                output.WriteLine("  " + example);
            output.WriteLine();
            output.WriteLine("Exit codes:");
            foreach (string code in ExitCodes)
                output.WriteLine("  " + code);
            return 0;
        }
    }
}

internal static partial class Log
{
    [LoggerMessage(6301, LogLevel.Information, "Connected to {Cluster}, watching namespaces: {Namespaces}; health at {Health}, metrics at {Metrics}")]
    public static partial void Started(this ILogger logger, string cluster, string namespaces, Uri? health, Uri? metrics);

    [LoggerMessage(6302, LogLevel.Information, "Ended: {Why}")]
    public static partial void Ended(this ILogger logger, string why);
}
