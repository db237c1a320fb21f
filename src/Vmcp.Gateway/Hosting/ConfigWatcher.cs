using System.Collections.Immutable;

using Microsoft.Extensions.Logging;

using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Core.Status;

namespace Vmcp.Gateway.Hosting;

/// <summary>
/// Picks up a changed configuration file. Looks at the content each second: that also sees the symbolic-link swap of a
/// mounted ConfigMap, and a half-written file is simply read again. A bad edit changes nothing.
/// </summary>
public sealed class ConfigWatcher(
    string path, string current, GatewayStart start, BackendFeed feed, ConfigState state, ILogger<ConfigWatcher> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly LoadedConfig _first = start.Config;
    private readonly TimeProvider _time = start.Time;
    private string _seen = current;
    private long _generation = 1;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
                await LookAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Shutdown.
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        string text;
        try
        {
            text = await start.ReadConfig(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_seen.Length > 0)
                Refuse([new ConfigProblem("", 0, Severity.Error, $"{Path.GetFileName(path)} cannot be read: {e.Message}")]);
            _seen = "";
            return;
        }

        if (text == _seen)
            return;
        _seen = text;
        LoadedConfig? next = LoadedConfig.Load(text, Path.GetFileName(path), start.Env, _generation + 1, out ImmutableArray<ConfigProblem> problems);
        if (next is not null && NeedsRestart(next) is { } fixedSetting)
        {
            problems = [.. problems, new ConfigProblem(fixedSetting, 0, Severity.Error, "cannot change while the gateway runs", "restart it")];
            next = null;
        }

        if (next is not null && start.Refused(next).ToArray() is { Length: > 0 } refused)
        {
            problems = [.. problems, .. refused];
            next = null;
        }

        if (next is null)
            Refuse(problems);
        else
            Take(next);
    }

    /// <summary>The setting that sessions or listeners were built on, if the edit touches one.</summary>
    private string? NeedsRestart(LoadedConfig next) =>
        next.Config.EffectiveName != _first.Config.EffectiveName ? "name"
        : next.Config.EffectiveGroup != _first.Config.EffectiveGroup ? "groupRef"
        : next.Config.EffectiveIncomingAuth != _first.Config.EffectiveIncomingAuth ? "incomingAuth.type"
        : next.Config.IncomingAuth?.Oidc != _first.Config.IncomingAuth?.Oidc ? "incomingAuth.oidc"
        // Nobody looks for backends here: the edit would take all of them away.
        : start.Source is null && next.Config.EffectiveSource == OutgoingAuthSource.Discovered && _first.Config.EffectiveSource == OutgoingAuthSource.Inline
            ? "outgoingAuth.source"
        : null;

    private void Take(LoadedConfig next)
    {
        try
        {
            feed.Take(next);
        }
        catch (InvalidDataException e)
        {
            Refuse([new ConfigProblem("backends", 0, Severity.Error, e.Message)]);
            return;
        }

        start.Reloaded(next);
        _generation++;
        state.Report = new ConfigReport { Generation = _generation, LoadedAt = _time.GetUtcNow() };
        logger.ConfigReloaded(next.Backends.Backends.Length);
    }

    private void Refuse(IEnumerable<ConfigProblem> problems)
    {
        string[] lines = [.. problems.Where(p => p.Severity == Severity.Error).Select(p => p.ToString())];
        state.Report = state.Report with
        {
            LastReloadError = StatusText.Sanitise(string.Join("; ", lines)),
            LastReloadErrorAt = _time.GetUtcNow(),
        };
        logger.ConfigRefused(Environment.NewLine, string.Join(Environment.NewLine, lines));
    }
}
