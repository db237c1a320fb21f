using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;

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
        Argument<string> address = new("URL") { Description = "The gateway's address", DefaultValueFactory = _ => GatewayAddress.Default };
        Option<bool> json = new("--json") { Description = "Print what the gateway answered, for scripts: {\"status\": …, \"backends_health\": …}" };
        Command command = new("status", "Show how a running gateway is; exit code 1 when it does not answer, is not ready or has no usable backend")
        {
            address,
            json,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(address)!, parsed.GetValue(json), terminal, cancellationToken));
        return command;
    }

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
