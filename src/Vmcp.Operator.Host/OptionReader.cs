using System.Collections.Immutable;
using System.CommandLine;
using Vmcp.Operator.Hosting;
using Vmcp.Operator.Settings;

namespace Vmcp.Operator.Host;

/// <summary>Turns flags and environment into options; a flag beats its variable. Pure.</summary>
internal static class OptionReader
{
    /// <summary>The options, or everything that is wrong with them at once.</summary>
    public static (OperatorOptions? Options, IReadOnlyList<string> Errors) Read(ParseResult parsed, OperatorFlags flags, Func<string, string?> env)
    {
        List<string> errors = [];
        ImmutableArray<string> controllers = Words(parsed.GetValue(flags.Controllers));
        foreach (string unknown in controllers.Where(c => !VmcpOperator.Controllers.Contains(c, StringComparer.OrdinalIgnoreCase)))
            errors.Add($"--controllers: there is no controller \"{unknown}\"; there are: {string.Join(", ", VmcpOperator.Controllers)}");
        int concurrency = parsed.GetValue(flags.Concurrency);
        if (concurrency is < 1 or > 256)
            errors.Add($"--concurrency: {concurrency} is not between 1 and 256");
        string memory = parsed.GetValue(flags.MemoryLimit)!;
        if (string.IsNullOrWhiteSpace(memory))
            errors.Add("--default-memory-limit: is empty; write an amount such as 512Mi");
        OperatorOptions options = new()
        {
            MetricsAddress = Address("--metrics-bind-address", parsed.GetValue(flags.Metrics)!, errors),
            HealthAddress = Address("--health-probe-bind-address", parsed.GetValue(flags.Health)!, errors),
            LeaderElect = parsed.GetValue(flags.LeaderElect),
            LeaseNamespace = Text(env, "POD_NAMESPACE") ?? "default",
            // Two processes of one name must not take themselves for the same.
            Identity = $"{Text(env, "POD_NAME") ?? Environment.MachineName}_{Guid.NewGuid().ToString("N")[..8]}",
            Namespaces = Words(parsed.GetValue(flags.Namespaces) ?? env("WATCH_NAMESPACE")),
            Concurrency = concurrency,
            Controllers = controllers,
            Settings = new OperatorSettings
            {
                VmcpImage = parsed.GetValue(flags.Image) ?? Text(env, "VMCP_IMAGE") ?? OperatorSettings.Default.VmcpImage,
                MemoryLimit = memory,
                ImagePullSecrets = Unsorted(env("TOOLHIVE_DEFAULT_IMAGE_PULL_SECRETS")),
                DefaultRedis = Redis(env),
                OpenShift = Flag("OPERATOR_OPENSHIFT", env, errors),
                BroadSecretRead = parsed.GetValue(flags.BroadSecretRead),
            },
        };
        return errors.Count == 0 ? (options, []) : (null, errors);
    }

    private static System.Net.IPEndPoint? Address(string flag, string text, List<string> errors)
    {
        try
        {
            return BindAddress.Parse(text);
        }
        catch (FormatException e)
        {
            errors.Add($"{flag}: {e.Message}");
            return null;
        }
    }

    private static DefaultRedis? Redis(Func<string, string?> env) => Text(env, "TOOLHIVE_DEFAULT_REDIS_ADDR") is { } address
        ? new DefaultRedis(address, Text(env, "TOOLHIVE_DEFAULT_REDIS_SECRET_NAME"), Text(env, "TOOLHIVE_DEFAULT_REDIS_SECRET_KEY") ?? "redis-password")
        : null;

    private static bool Flag(string name, Func<string, string?> env, List<string> errors)
    {
        if (Text(env, name) is not { } text)
            return false;
        if (!bool.TryParse(text, out bool value))
            errors.Add($"{name}: \"{text}\" is neither true nor false");
        return value;
    }

    // A space after a comma must not make a namespace of its own (operator.md 7.2).
    private static ImmutableArray<string> Words(string? text) => [.. Unsorted(text).Order(StringComparer.Ordinal)];

    private static ImmutableArray<string> Unsorted(string? text) =>
        [.. (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];

    private static string? Text(Func<string, string?> env, string name) => env(name) is { } text && text.Trim().Length > 0 ? text.Trim() : null;
}
