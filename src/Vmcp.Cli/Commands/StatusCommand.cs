using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;

using Vmcp.Cli.Clusters;
using Vmcp.Cli.Status;
using Vmcp.Cli.Terminals;

namespace Vmcp.Cli.Commands;

/// <summary>
/// <c>vmcp status</c>: how a running gateway is. Exit code 0 when it answers, is ready, and has a backend that can be called (or none at all);
/// 1 otherwise, with the table all the same.
/// </summary>
internal static class StatusCommand
{
    public static Command Build(Terminal terminal)
    {
        Argument<string> address = new("TARGET")
        {
            Description = "A gateway's address, or the name of a VirtualMCPServer in a cluster",
            DefaultValueFactory = _ => GatewayAddress.Default,
        };
        ClusterOptions cluster = new();
        Option<bool> json = new("--json")
        {
            Description = "Print it for scripts: what the gateway answered, {\"status\": …, \"backends_health\": …}, or the resource's status",
        };
        Command command = new("status", "Show how a running gateway is")
        {
            address,
            cluster.Namespace,
            cluster.Kubeconfig,
            cluster.Context,
            json,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            string target = parsed.GetValue(address)!;
            ClusterChoice request = new(parsed.GetValue(cluster.Kubeconfig), parsed.GetValue(cluster.Context), parsed.GetValue(cluster.Namespace));
            bool asked = request is not { Kubeconfig: null, Context: null, Namespace: null };
            if (asked && !IsName(target))
                return Task.FromResult(terminal.Fail("--namespace, --kubeconfig and --context go with the name of a VirtualMCPServer: vmcp status NAME -n NAMESPACE"));
            return IsName(target) && (asked || !IsHost(target))
                ? ClusterStatusRun.RunAsync(request, target, parsed.GetValue(json), terminal, cancellationToken)
                : RunAsync(target, parsed.GetValue(json), terminal, cancellationToken);
        });
        return command;
    }

    /// <summary>Whether a text can be the name of an object (RFC 1123 subdomain); no URL can, nor an address with a port.</summary>
    private static bool IsName(string text) => text.Length is > 0 and <= 253
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.') && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]);

    /// <summary>A name that people rather write for a machine.</summary>
    private static bool IsHost(string text) => text == "localhost" || text.Contains('.', StringComparison.Ordinal);

    private static async Task<int> RunAsync(string address, bool json, Terminal terminal, CancellationToken cancellationToken)
    {
        if (StatusClient.ParseAddress(address) is not { } gateway)
            return terminal.Fail($"\"{address}\" is not the address of a gateway; write for example {GatewayAddress.Default}");
        using StatusClient client = new(gateway);
        (JsonDocument? status, string problem) = await client.GetAsync("status", cancellationToken).ConfigureAwait(false);
        if (status is null)
            return terminal.Fail(problem);
        using (status)
        {
            (JsonDocument? health, problem) = await client.GetAsync("api/backends/health", cancellationToken).ConfigureAwait(false);
            if (health is null)
                return terminal.Fail(problem);
            using (health)
            {
                if (GatewayPicture.Read(status.RootElement) is not { } picture)
                    return terminal.Fail($"{gateway} answered, but not as a vmcp does");
                if (json)
                    await PrintJsonAsync(status.RootElement, health.RootElement, terminal.Out).ConfigureAwait(false);
                else
                    StatusTable.Write(picture, new Uri(gateway, "mcp"), Json.Flag(health.RootElement, "monitoring_enabled") ?? true, terminal);
                return picture.IsWell ? 0 : 1;
            }
        }
    }

    private static async Task PrintJsonAsync(JsonElement status, JsonElement health, TextWriter output)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter writer = new(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("status");
            status.WriteTo(writer);
            writer.WritePropertyName("backends_health");
            health.WriteTo(writer);
            writer.WriteEndObject();
        }

        await output.WriteLineAsync(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length)).ConfigureAwait(false);
    }
}
