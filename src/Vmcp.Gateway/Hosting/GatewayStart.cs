using System.Net;

using Microsoft.Extensions.Logging;

using Vmcp.Auth.Incoming;
using Vmcp.Auth.Outgoing;
using Vmcp.Config.Reading;
using Vmcp.Core.Backends;
using Vmcp.Core.Status;
using Vmcp.Protocol.Backends;

namespace Vmcp.Gateway.Hosting;

/// <summary>How a gateway is started.</summary>
public sealed record GatewayStart
{
    /// <summary>What stays fixed.</summary>
    public GatewayOptions Options { get; init; } = new();

    /// <summary>The first configuration.</summary>
    public required LoadedConfig Config { get; init; }

    /// <summary>The file to watch and its text as loaded; null when there is no file.</summary>
    public (string Path, string Text)? ConfigFile { get; init; }

    /// <summary>Reads the text behind the path of <see cref="ConfigFile"/>; where it is no file, whatever stands for one. IOException says why not.</summary>
    public Func<string, CancellationToken, Task<string>> ReadConfig { get; init; } = static (path, token) => File.ReadAllTextAsync(path, token);

    /// <summary>What else is wrong with an edited configuration here, although it is valid.</summary>
    public Func<LoadedConfig, IEnumerable<ConfigProblem>> Refused { get; init; } = static _ => [];

    /// <summary>Where the backends come from while the gateway runs; null when the configuration lists them.</summary>
    public IBackendSource? Source { get; init; }

    /// <summary>Runs beside the gateway with its picture of now, until stopped: how the status reaches a cluster. Null for nothing.</summary>
    public Func<Func<StatusReport>, CancellationToken, Task>? Reporter { get; init; }

    /// <summary>Who may come in. Belongs to the caller of the start, who ends it after the gateway.</summary>
    public IIncomingAuth Incoming { get; init; } = OpenDoor.Anonymous;

    /// <summary>As whom the backends are called. Belongs to the caller of the start, who ends it after the gateway.</summary>
    public OutgoingAuth Outgoing { get; init; } = new();

    /// <summary>Signs requests to backends in place of <see cref="Outgoing"/>; null for that.</summary>
    internal RequestSigner? Signer { get; init; }

    /// <summary>The address to listen on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 lets the system choose.</summary>
    public int Port { get; init; } = 4483;

    /// <summary>Environment variables, as the configuration sees them.</summary>
    public Func<string, string?> Env { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Sets up logging.</summary>
    public Action<ILoggingBuilder> Logging { get; init; } = static logging => logging.ClearProviders();

    /// <summary>Called with each configuration that a changed file put in force.</summary>
    public Action<LoadedConfig> Reloaded { get; init; } = static _ => { };

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Longest wait for the first answers of backends before the listener opens; a slow one joins later.</summary>
    public TimeSpan FirstTries { get; init; } = TimeSpan.FromMilliseconds(400);
}
