using System.CommandLine;
using Microsoft.Extensions.Logging;
using Vmcp.Cli.Serving;
using Vmcp.Cli.Terminals;
using Vmcp.Gateway.Hosting;

namespace Vmcp.Cli.Commands;

/// <summary><c>vmcp serve</c>: runs the gateway.</summary>
internal static class ServeCommand
{
    public static Command Build(Terminal terminal, GlobalOptions global)
    {
        Option<string> host = new("--host")
        {
            Description = "Address to listen on; others than loopback only with a file that says incomingAuth oidc or anonymous",
            HelpName = "ADDRESS",
            DefaultValueFactory = _ => "127.0.0.1",
        };
        Option<string> port = new("--port")
        {
            Description = "Port to listen on; 0 lets the system choose",
            HelpName = "PORT",
            DefaultValueFactory = _ => "4483",
        };
        Option<string[]> backends = new("--backend")
        {
            Description = "An MCP server to serve without a file; repeatable",
            HelpName = "NAME=URL",
        };
        Option<string> sessionTtl = new("--session-ttl")
        {
            Description = "Idle time after which a session ends, as 30m or 1h30m; 0 means 30m",
            HelpName = "DURATION",
            DefaultValueFactory = _ => "0",
        };
        Option<string[]> allowedHosts = new("--allowed-host")
        {
            Description = "A name clients may use in the Host header, besides loopback names; repeatable. Without it a loopback listener takes "
                + "loopback names only, and any other listener takes every name",
            HelpName = "NAME",
        };
        Option<string> logFormat = new("--log-format") { Description = "How the log on standard error looks", DefaultValueFactory = _ => "text" };
        logFormat.AcceptOnlyFromAmong("text", "json");
        Option<string?> dashboard = new("--dashboard")
        {
            Description = "Serve the page /dashboard. Without it only to this machine, and not at all on other addresses than loopback or under vmcp-operator",
            HelpName = "on|off",
        };
        dashboard.AcceptOnlyFromAmong("on", "off");
        Option<string?> group = new("--group", "-g")
        {
            Description = "The MCPGroup of --manifests to serve, when it holds several (groups of a local container runtime are not supported yet)",
            HelpName = "NAME",
        };
        Option<string?> manifests = new("--manifests")
        {
            Description = "A directory of Kubernetes YAML (MCPGroup, MCPServer, MCPServerEntry, Secret ...) to serve and to follow, no cluster needed",
            HelpName = "DIR",
        };
        Option<string?> space = new("--namespace", "-n")
        {
            Description = "The namespace of --manifests to serve, and of objects that name none (default: default)",
            HelpName = "NAMESPACE",
        };
        Option<bool> enableAudit = new("--enable-audit") { Description = "Write an audit log (not supported yet)" };
        Command command = new("serve", "Run the gateway until SIGINT, SIGTERM or SIGQUIT")
        {
            host, port, backends, manifests, group, space, sessionTtl, allowedHosts, dashboard, logFormat, enableAudit,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            ServeRequest request = new()
            {
                ConfigPath = parsed.GetValue(global.Config),
                Group = parsed.GetValue(group),
                Manifests = parsed.GetValue(manifests),
                Namespace = parsed.GetValue(space),
                Backends = parsed.GetValue(backends) ?? [],
                Host = parsed.GetValue(host)!,
                Port = parsed.GetValue(port)!,
                SessionTtl = parsed.GetValue(sessionTtl)!,
                AllowedHosts = parsed.GetValue(allowedHosts) ?? [],
                Dashboard = parsed.GetValue(dashboard),
                EnableAudit = parsed.GetValue(enableAudit),
            };
            return RunAsync(request, parsed.GetValue(global.Debug), parsed.GetValue(logFormat) == "json", terminal, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(ServeRequest request, bool debug, bool json, Terminal terminal, CancellationToken cancellationToken)
    {
        ServePlan plan = ServePlan.Make(request, terminal.Env);
        if (plan.Start is null)
            return terminal.Fail(plan.Errors);
        LoadedConfig current = plan.Start.Config;
        LogLevel Level() => LogSetup.LevelOf(debug, current.Config.EffectiveOperational.LogLevel);
        void Logging(ILoggingBuilder logging) => LogSetup.Configure(logging, Level, json, terminal.ErrorHasColours);
        using ILoggerFactory loggers = LoggerFactory.Create(Logging);
        GatewayStart start = plan.Start with { Logging = Logging, Reloaded = next => current = next };
        if (plan.Manifests is { } manifests)
            return await FollowAsync(start, manifests, plan.Warnings, loggers, terminal, cancellationToken).ConfigureAwait(false);
        return plan.Discovers
            ? await DiscoverAsync(start, plan.Warnings, loggers, terminal, cancellationToken).ConfigureAwait(false)
            : await ServeRun.RunAsync(start, plan.Warnings, loggers, terminal, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<int> DiscoverAsync(
        GatewayStart start, IReadOnlyList<string> warnings, ILoggerFactory loggers, Terminal terminal, CancellationToken cancellationToken)
    {
        DiscoveredStart discovered;
        try
        {
            discovered = DiscoveredStart.Make(start, loggers);
        }
        catch (InvalidOperationException e)
        {
            return terminal.Fail(e.Message);
        }

        using (discovered)
            return await ServeRun.RunAsync(discovered.Start, warnings, loggers, terminal, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<int> FollowAsync(
        GatewayStart start, ManifestRequest request, IReadOnlyList<string> warnings, ILoggerFactory loggers, Terminal terminal, CancellationToken cancellationToken)
    {
        ManifestStart manifests;
        try
        {
            manifests = await ManifestStart.MakeAsync(start, request, loggers, cancellationToken).ConfigureAwait(false);
        }
        catch (ServeException e)
        {
            return terminal.Fail(e.Errors);
        }

        await using (manifests.ConfigureAwait(false))
            return await ServeRun.RunAsync(manifests.Start, warnings, loggers, terminal, cancellationToken).ConfigureAwait(false);
    }
}
