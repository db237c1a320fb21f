using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Vmcp.Cli.Planning;
using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Writing;
using Vmcp.Discovery.Manifests;
using Vmcp.Gateway.Hosting;

namespace Vmcp.Cli.Serving;

/// <summary>What the command line says of a directory of manifests.</summary>
/// <param name="Directory"><c>--manifests</c>.</param>
/// <param name="Namespace"><c>--namespace</c>.</param>
/// <param name="Group"><c>--group</c>, or the <c>groupRef</c> of the configuration.</param>
/// <param name="ConfigPath"><c>--config</c>.</param>
internal sealed record ManifestRequest(string Directory, string? Namespace, string? Group, string? ConfigPath);

/// <summary>
/// Joins a gateway with a directory of manifests. A process that serves inline never comes here, and so never loads the rooms that know
/// Kubernetes.
/// </summary>
internal sealed class ManifestStart : IAsyncDisposable
{
    private const string DefaultNamespace = "default";
    private readonly ManifestSource _source;

    private ManifestStart(ManifestSource source, GatewayStart start) => (_source, Start) = (source, start);

    /// <summary>The gateway with its source.</summary>
    public GatewayStart Start { get; }

    /// <summary>Reads the directory and begins to follow it.</summary>
    /// <exception cref="ServeException">There is nothing to serve there; the message says what to do.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static async Task<ManifestStart> MakeAsync(GatewayStart start, ManifestRequest request, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        string space = request.Namespace ?? DefaultNamespace;
        ManifestDirectory directory = new(request.Directory, space, start.Time, loggers.CreateLogger("Vmcp.Manifests"));
        try
        {
            await directory.LoadAsync(cancellationToken).ConfigureAwait(false);
            ManifestTarget target = ManifestTarget.Choose(directory, space, request.Namespace, request.Group, request.ConfigPath is null ? null : start.Config.Config.Name);
            GatewayStart complete = request.ConfigPath is { } path ? Checked(start, path) : Configured(start, directory, target);
            ManifestSource source = await ManifestSource.StartAsync(
                directory, target, complete.Config.Config, start.Time, loggers, cancellationToken).ConfigureAwait(false);
            Action<LoadedConfig> reloaded = complete.Reloaded;
            return new ManifestStart(source, complete with
            {
                Source = source,
                Reloaded = next =>
                {
                    source.Take(next.Config);
                    reloaded(next);
                },
            });
        }
        catch (ManifestException e)
        {
            throw new ServeException([$"--manifests {request.Directory}: {e.Message}", .. directory.State.Problems.Select(p => $"--manifests {request.Directory}: {p}")]);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <summary>With a file: nothing of it may be silently without effect, at the start and after an edit.</summary>
    private static GatewayStart Checked(GatewayStart start, string path)
    {
        ConfigProblem[] problems = [.. WithoutEffect(start.Config)];
        return problems.Length == 0 ? start with { Refused = WithoutEffect } : throw new ServeException([.. problems.Select(p => $"{path}: {p}")]);
    }

    private static IEnumerable<ConfigProblem> WithoutEffect(LoadedConfig config)
    {
        OutgoingAuthConfig? outgoing = config.Config.OutgoingAuth;
        if (!config.Config.Backends.IsEmpty)
            yield return Error("backends", "with --manifests they come from the directory", "take them out of the file");
        if (outgoing?.Source == OutgoingAuthSource.Inline)
            yield return Error("outgoingAuth.source", "is inline, and with --manifests it is discovered", "write discovered");
        if (outgoing?.Default is not null || outgoing?.Backends.IsEmpty == false)
        {
            yield return Error(
                "outgoingAuth",
                "with --manifests credentials come from the directory",
                "put an MCPExternalAuthConfig there, name it in the member or in a VirtualMCPServer's spec.outgoingAuth, and take default and backends out of the file");
        }
    }

    private static ConfigProblem Error(string path, string message, string hint) => new(path, 0, Severity.Error, message, hint);

    /// <summary>Without a file: what the group's VirtualMCPServer says, also when it is edited, or all defaults.</summary>
    private static GatewayStart Configured(GatewayStart start, ManifestDirectory directory, ManifestTarget target)
    {
        if (target.Server is null)
            return Loaded(start, ConfigWriter.Write(start.Config.Config with { GroupRef = target.Group }), "");
        string name = $"VirtualMCPServer \"{target.Server}\"", text = ServerDocument.Of(directory, target);
        long version = directory.Version;
        return Loaded(start, text, name) with
        {
            ConfigFile = (name, text),
            ReadConfig = (_, _) =>
            {
                if (directory.Version is var now && now != version)
                {
                    try
                    {
                        text = ServerDocument.Of(directory, target);
                        version = now;
                    }
                    catch (ManifestException e)
                    {
                        throw new IOException(e.Message, e);
                    }
                }

                return Task.FromResult(text);
            },
        };
    }

    private static GatewayStart Loaded(GatewayStart start, string yaml, string name)
    {
        LoadedConfig? config = LoadedConfig.Load(yaml, name, start.Env, 1, out ImmutableArray<ConfigProblem> problems);
        if (config is null)
        {
            // Lines of a text that nobody wrote would only confuse.
            throw new ServeException(
            [
                .. problems.Where(p => p.Severity == Severity.Error)
                    .Select(p => $"{(name.Length > 0 ? name + ": " : "")}{p with { File = null, Line = 0 }}"),
            ]);
        }

        return start with
        {
            Config = config,
            Options = start.Options with { Name = config.Config.EffectiveName, GroupRef = config.Config.EffectiveGroup },
        };
    }
}

/// <summary>A gateway cannot start, for one reason or several.</summary>
internal sealed class ServeException(IReadOnlyList<string> errors) : Exception(string.Join("; ", errors))
{
    /// <summary>Why, one line each.</summary>
    public IReadOnlyList<string> Errors => errors;
}
