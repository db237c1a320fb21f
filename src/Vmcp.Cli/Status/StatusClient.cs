using System.Text.Json;

namespace Vmcp.Cli.Status;

/// <summary>Asks a gateway how it is.</summary>
/// <param name="gateway">Its address, from <see cref="ParseAddress"/>.</param>
internal sealed class StatusClient(Uri gateway) : IDisposable
{
    /// <summary>The largest answer we read.</summary>
    private const long MaxBytes = 32 * 1024 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        // A proxy of the environment has another loopback than we.
        UseProxy = !gateway.IsLoopback,
    })
    {
        Timeout = Limit,
        MaxResponseContentBufferSize = MaxBytes,
    };

    /// <summary>
    /// The gateway's address as a base for paths; takes <c>host:port</c> and the MCP endpoint too, which is what people have at hand. Null for
    /// a text that is none.
    /// </summary>
    public static Uri? ParseAddress(string text)
    {
        string full = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        if (!Uri.TryCreate(full, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            return null;
        string path = url.AbsolutePath.TrimEnd('/');
        if (path.EndsWith("/mcp", StringComparison.Ordinal))
            path = path[..^4];
        return new UriBuilder(url) { Path = path + "/", Query = "", Fragment = "" }.Uri;
    }

    /// <summary>Reads one endpoint; null with a reason when there is no JSON to be had.</summary>
    public async Task<(JsonDocument? Document, string Problem)> GetAsync(string path, CancellationToken cancellationToken)
    {
        (JsonDocument? document, _, string problem) = await AskAsync(path, cancellationToken).ConfigureAwait(false);
        return (document, problem);
    }

    /// <summary>The same with the HTTP status, when one came.</summary>
    public async Task<(JsonDocument? Document, int? Status, string Problem)> AskAsync(string path, CancellationToken cancellationToken)
    {
        Uri url = new(gateway, path);
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(url, cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                return (null, (int)response.StatusCode, $"{url} answered {(int)response.StatusCode}; is a vmcp there?");
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
                return (await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken).ConfigureAwait(false), (int)response.StatusCode, "");
        }
        catch (HttpRequestException e)
        {
            return (null, null, $"{gateway} does not answer: {e.Message}; is vmcp running there? Start it with vmcp serve, or name its address: vmcp status URL");
        }
        catch (JsonException)
        {
            return (null, null, $"{url} did not answer with JSON; is a vmcp there?");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, null, $"{url} did not answer within {(int)Limit.TotalSeconds} s");
        }
    }

    public void Dispose() => _http.Dispose();
}
