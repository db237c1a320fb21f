using System.Text;

using Microsoft.Extensions.Logging.Abstractions;

using Vmcp.Auth.Http;
using Vmcp.Auth.Incoming;
using Vmcp.Auth.Outgoing;
using Vmcp.Core.Backends;
using Vmcp.Gateway;
using Vmcp.Gateway.Hosting;
using Vmcp.TestKit;

namespace Vmcp.Allocations.Tests;

/// <summary>The real gateway between one quiet client and quiet backends: what is allocated in this process while the client calls is the gateway's.</summary>
internal sealed class QuietWorld : IAsyncDisposable
{
    private readonly Dictionary<string, QuietBackend> _backends = [];
    private TestAuthorizationServer? _provider;
    private OidcAuth? _door;
    private OutgoingAuth? _outgoing;
    private string _token = "";

    private QuietWorld()
    {
    }

    private GatewayServer Gateway { get; set; } = null!;

    private QuietClient Client { get; set; } = null!;

    /// <summary>Starts backends named <c>legacy</c>, <c>events</c> and <c>modern</c>, and a gateway over them.</summary>
    /// <param name="withUsers">Clients show a token of a provider; backends are called with one exchanged for it.</param>
    public static async Task<QuietWorld> StartAsync(bool withUsers)
    {
        QuietWorld world = new();
        world._backends["legacy"] = new QuietBackend(Speech.LegacyJson);
        world._backends["events"] = new QuietBackend(Speech.LegacyEvents);
        world._backends["modern"] = new QuietBackend(Speech.Modern);
        Strategy strategy = withUsers ? await world.LetUsersInAsync() : Strategy.None;
        Backend[] backends = [.. world._backends.Select(b => new Backend { Name = b.Key, Url = b.Value.Url, Strategy = strategy })];
        LoadedConfig config = LoadedConfig.Load(
            "{name: vmcp, groupRef: demo/team, backends: [{name: nobody, url: \"http://127.0.0.1:9/mcp\", transport: streamable-http}]}",
            "vmcp.yaml", static _ => null, 1, out var problems) ?? throw new InvalidDataException(string.Join('\n', problems));
        world.Gateway = await GatewayServer.StartAsync(
            new GatewayStart
            {
                Config = config with { Backends = new BackendSet(1, [.. backends]) },
                Port = 0,
                Incoming = world._door ?? (IIncomingAuth)OpenDoor.Anonymous,
                Outgoing = world._outgoing ?? new OutgoingAuth(),
                Options = new GatewayOptions { MonitorHealth = false, ListPatience = TimeSpan.FromSeconds(20) }, // probes would be counted with the calls
            },
            CancellationToken.None);
        await Eventually.BecomesAsync(
            () => world._backends.Keys.All(n => world.Gateway.Fleet.Current.Backends.TryGetValue(n, out var view) && view.Listed), "all backends listed");
        world.Client = new QuietClient(world.Gateway.McpUrl);
        return world;
    }

    /// <summary>A request of a Legacy client within a session of its own, ready to be sent many times.</summary>
    public byte[] Legacy(string method, string parameters)
    {
        const string Version = "MCP-Protocol-Version: 2025-11-25\r\n";
        string opened = Encoding.UTF8.GetString(Client.Send(Client.Request(
            """{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"quiet","version":"1"}}}""",
            _token)));
        const string Name = "Mcp-Session-Id: ";
        int at = opened.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
        string session = opened[at..(opened.IndexOf("\r\n", at, StringComparison.Ordinal) + 2)];
        Client.Send(Client.Request("""{"jsonrpc":"2.0","method":"notifications/initialized"}""", _token + Version + session));
        return Client.Request(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":{" + parameters + "}}", _token + Version + session);
    }

    /// <summary>A request of a Modern client, ready to be sent many times.</summary>
    public byte[] Modern(string method, string parameters, string? name)
    {
        const string Meta =
            "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/clientInfo\":{\"name\":\"quiet\",\"version\":\"1\"},"
            + "\"io.modelcontextprotocol/clientCapabilities\":{}}";
        return Client.Request(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"" + method + "\",\"params\":{" + (parameters.Length == 0 ? "" : parameters + ",") + Meta + "}}",
            $"{_token}MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: {method}\r\n{(name is null ? "" : $"Mcp-Name: {name}\r\n")}");
    }

    /// <summary>Sends a request; it must be answered as expected.</summary>
    public void Send(ReadOnlySpan<byte> request, ReadOnlySpan<byte> expected)
    {
        ReadOnlySpan<byte> response = Client.Send(request);
        if (!response.StartsWith("HTTP/1.1 200 "u8) || response.IndexOf(expected) < 0)
            throw new InvalidDataException("Unexpected answer: " + Encoding.UTF8.GetString(response));
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (Gateway is not null)
            await Gateway.DisposeAsync();
        foreach (QuietBackend backend in _backends.Values)
            backend.Dispose();
        if (_door is not null)
            await _door.DisposeAsync();
        if (_outgoing is not null)
            await _outgoing.DisposeAsync();
        if (_provider is not null)
            await _provider.DisposeAsync();
    }

    private async Task<Strategy> LetUsersInAsync()
    {
        _provider = await TestAuthorizationServer.StartAsync(o => o.Algorithms = ["ES256"]);
        _door = new OidcAuth(
            new OidcOptions
            {
                Issuer = _provider.Issuer.OriginalString,
                Audience = TestAuthorizationServer.DefaultAudience,
                KeysHttp = new IdentityHttpOptions { AllowPrivateAddresses = true },
            },
            TimeProvider.System,
            NullLogger<OidcAuth>.Instance);
        _outgoing = new OutgoingAuth();
        _token = $"Authorization: Bearer {_provider.Token("alice")}\r\n";
        return new TokenExchangeStrategy
        {
            TokenUrl = _provider.TokenUrl,
            Client = new ClientCredential("gateway", new Secret("gateway-secret-7f3a")),
            Audience = "https://backend.test",
        };
    }
}
