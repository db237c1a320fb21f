using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

using Microsoft.Extensions.Logging;

using Vmcp.Auth.Outgoing;
using Vmcp.Cli.Terminals;
using Vmcp.Gateway.Hosting;

namespace Vmcp.Cli.Serving;

/// <summary>Runs a planned gateway until it is told to stop.</summary>
internal static class ServeRun
{
    /// <summary>Serves; returns the exit code.</summary>
    public static async Task<int> RunAsync(
        GatewayStart start, IReadOnlyList<string> warnings, ILoggerFactory loggers, Terminal terminal, CancellationToken cancellationToken)
    {
        ILogger logger = loggers.CreateLogger("Vmcp");
        foreach (string warning in warnings)
            logger.StartWarning(warning);
        try
        {
            start = start with { Incoming = IncomingDoor.Open(start.Config.Config, start.Env, start.Time, loggers) };
        }
        catch (InvalidDataException e)
        {
            return terminal.Fail($"incomingAuth.oidc.caBundlePath: {e.Message}");
        }

        try
        {
            return await ServeAsync(start, loggers, terminal, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (start.Incoming is IAsyncDisposable door)
                await door.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<int> ServeAsync(GatewayStart start, ILoggerFactory loggers, Terminal terminal, CancellationToken cancellationToken)
    {
        ILogger logger = loggers.CreateLogger("Vmcp");
        using ShutdownSignals signals = new(cancellationToken);
        // Ends after the gateway, whose last calls still need credentials.
        OutgoingAuth outgoing = new(new OutgoingOptions { Time = start.Time, Env = start.Env, Logger = loggers.CreateLogger<OutgoingAuth>() });
        await using ConfiguredAsyncDisposable ending = outgoing.ConfigureAwait(false);
        start = start with { Outgoing = outgoing };
        GatewayServer server;
        try
        {
            server = await GatewayServer.StartAsync(start, signals.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidDataException)
        {
            return terminal.Fail(Reason(e, start.Address, start.Port));
        }

        await using (server.ConfigureAwait(false))
        {
            await terminal.Out.WriteLineAsync(StartLine.Of(server.Status, server.McpUrl)).ConfigureAwait(false);
            await terminal.Out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            if (server.DashboardUrl is { } dashboard)
                logger.DashboardServed(dashboard);
            await UntilCancelledAsync(signals.Token).ConfigureAwait(false);
            logger.Stopping();
        }

        logger.Stopped();
        return 0;
    }

    private static async Task UntilCancelledAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = cancellationToken.Register(cancelled.SetResult);
        await cancelled.Task.ConfigureAwait(false);
    }

    private static string Reason(Exception e, IPAddress address, int port)
    {
        SocketError? error = (e as SocketException ?? e.InnerException as SocketException ?? e.InnerException?.InnerException as SocketException)?.SocketErrorCode;
        return error switch
        {
            SocketError.AddressAlreadyInUse =>
                $"port {port} on {address} is already in use; stop the program that has it, or choose another with --port (0 lets the system choose)",
            SocketError.AccessDenied => $"port {port} on {address} is not permitted to this user; choose one above 1023 with --port",
            SocketError.AddressNotAvailable => $"{address} is not an address of this machine; choose another with --host",
            _ => e.Message,
        };
    }
}
