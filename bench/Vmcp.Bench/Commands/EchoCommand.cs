using System.CommandLine;
using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

using Vmcp.Bench.Running;

namespace Vmcp.Bench.Commands;

/// <summary><c>echo KIND PORT [TOOLS]</c>: the backend to measure against.</summary>
internal static class EchoCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Argument<string> kind = new("kind") { Description = "legacy, legacy-sse or modern" };
        kind.AcceptOnlyFromAmong("legacy", "legacy-sse", "modern");
        Argument<int> port = new("port") { Description = "loopback port to listen on" };
        Argument<int> tools = new("tools") { Description = "how many tools it lists", DefaultValueFactory = _ => 1 };
        Command command = new("echo", "Runs an MCP server that echoes, until it is killed.") { kind, port, tools };
        command.SetAction(async (parsed, _) =>
        {
            WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Listen(IPAddress.Loopback, parsed.GetValue(port));
            });
            await using WebApplication app = builder.Build();
            EchoServer server = new(parsed.GetValue(kind) == "modern", parsed.GetValue(kind) == "legacy-sse", parsed.GetValue(tools));
            app.Run(server.HandleAsync);
            await app.RunAsync();
        });
        return command;
    }
}
