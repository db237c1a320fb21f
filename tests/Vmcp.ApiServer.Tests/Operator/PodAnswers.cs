using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Vmcp.ApiServer.Tests.Operator;

/// <summary>What all pods of a world answer at <c>/status</c>: one loopback address of its own stands for every one of them.</summary>
internal sealed class PodAnswers : IAsyncDisposable
{
    private readonly WebApplication _application;
    private volatile string[] _backends = [];

    private PodAnswers(IPAddress address)
    {
        Address = address;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(address, 4483));
        _application = builder.Build();
        _application.MapGet("/status", () => Results.Text(Body(), "application/json"));
    }

    /// <summary>The pods' address.</summary>
    public IPAddress Address { get; }

    /// <summary>The backends the pods say are healthy.</summary>
    public IEnumerable<string> Backends
    {
        set => _backends = [.. value];
    }

    public static async Task<PodAnswers> StartAsync()
    {
        // The gateway's port is fixed; its own address makes it free of other worlds.
        byte[] low = Guid.NewGuid().ToByteArray();
        PodAnswers answers = new(new IPAddress([127, (byte)(2 + (low[0] % 200)), low[1], (byte)(1 + (low[2] % 250))]));
        await answers._application.StartAsync();
        return answers;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private string Body()
    {
        JsonArray backends = [];
        foreach (string name in _backends)
        {
            backends.Add((JsonNode)new JsonObject
            {
                ["name"] = name,
                ["health"] = "healthy",
                ["transport"] = "streamable-http",
                ["auth_type"] = "unauthenticated",
                ["listed"] = true,
                ["consecutive_failures"] = 0,
                ["last_check"] = DateTimeOffset.UtcNow.ToString("O"),
            });
        }

        return new JsonObject { ["backends"] = backends, ["healthy"] = true, ["version"] = "test", ["mode"] = "inline", ["ready"] = true }.ToJsonString();
    }
}
