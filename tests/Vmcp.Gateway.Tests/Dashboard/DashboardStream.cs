using System.Text.Json;

using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Dashboard;

/// <summary>An open event stream of the dashboard.</summary>
internal sealed class DashboardStream : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly SseReader? _reader;

    private DashboardStream(HttpResponseMessage response, SseReader? reader)
    {
        _response = response;
        _reader = reader;
    }

    public int Status => (int)_response.StatusCode;

    public HttpResponseMessage Response => _response;

    /// <summary>Comments seen on the way.</summary>
    public int Comments { get; private set; }

    /// <summary>Everything read so far.</summary>
    public string Text => System.Text.Encoding.UTF8.GetString(_reader!.RawBytes);

    public static async Task<DashboardStream> OpenAsync(TestWorld world)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(world.Gateway.BaseUrl, "/dashboard/events"));
        HttpResponseMessage response = await world.SendAsync(request);
        return new DashboardStream(response, response.IsSuccessStatusCode ? new SseReader(await response.Content.ReadAsStreamAsync()) : null);
    }

    /// <summary>The next event of this name that fits; null when the stream ended first.</summary>
    public async Task<JsonElement?> NextAsync(string name, Func<JsonElement, bool>? fits = null)
    {
        using CancellationTokenSource limit = new(Eventually.DefaultLimit);
        while (await _reader!.ReadAsync(limit.Token) is { } received)
        {
            if (received.Comment is not null)
                Comments++;
            if (received.Type != name)
                continue;
            using JsonDocument document = JsonDocument.Parse(received.Data);
            if (fits is null || fits(document.RootElement))
                return document.RootElement.Clone();
        }

        return null;
    }

    /// <summary>A backend of a picture.</summary>
    public static JsonElement BackendOf(JsonElement picture, string name) =>
        picture.GetProperty("backends").EnumerateArray().Single(b => b.GetProperty("name").GetString() == name);

    public ValueTask DisposeAsync()
    {
        _response.Dispose();
        return ValueTask.CompletedTask;
    }
}
