using System.Globalization;
using Vmcp.EndToEnd.Tests.World;
using Vmcp.TestKit;

namespace Vmcp.EndToEnd.Tests.Sessions;

public sealed class IdleSessionTests(ITestOutputHelper output)
{
    private const int Sessions = 2000;

    /// <summary>Design 8.</summary>
    private const int BudgetBytes = 16 * 1024;

    [Fact]
    public async Task Two_thousand_idle_sessions_stay_within_their_memory_budget()
    {
        await using ScriptedBackend backend = await ScriptedBackend.StartAsync();
        await using GatewayWorld world = await GatewayWorld.StartAsync([new Member("b", backend.Url)]);
        using RawOpener opener = new(world.Url);
        for (int i = 0; i < 50; i++)
            await opener.OpenAsync();
        long before = GC.GetTotalMemory(forceFullCollection: true);

        for (int i = 0; i < Sessions; i++)
            await opener.OpenAsync();

        long bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / Sessions;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes of managed memory per idle session"));
        world.Server.Sessions.Count.ShouldBe(Sessions + 50);
        bytes.ShouldBeLessThan(BudgetBytes);
        backend.OpenSessions.ShouldBeLessThanOrEqualTo(1, "an idle client costs the backends nothing");
    }

    /// <summary>Opens sessions and remembers nothing of them, so that the memory counted is the gateway's.</summary>
    private sealed class RawOpener(Uri url) : IDisposable
    {
        private static readonly byte[] Initialize = """
            {"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25",
            "capabilities":{"elicitation":{},"sampling":{},"roots":{"listChanged":true}},"clientInfo":{"name":"idle","version":"1"}}}
            """u8.ToArray();

        private static readonly byte[] Initialized = """{"jsonrpc":"2.0","method":"notifications/initialized"}"""u8.ToArray();

        private readonly HttpClient _http = new();

        public async Task OpenAsync()
        {
            string session = await PostAsync(Initialize, null, 200);
            await PostAsync(Initialized, session, 202);
        }

        public void Dispose() => _http.Dispose();

        private async Task<string> PostAsync(byte[] body, string? session, int expected)
        {
            using HttpRequestMessage request = new(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new("application/json");
            request.Headers.Add("Accept", "application/json, text/event-stream");
            if (session is not null)
                request.Headers.Add("Mcp-Session-Id", session);
            using HttpResponseMessage response = await _http.SendAsync(request);
            ((int)response.StatusCode).ShouldBe(expected);
            return session ?? response.Headers.GetValues("Mcp-Session-Id").Single();
        }
    }
}
