using System.Runtime.CompilerServices;
using System.Text.Json;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Api;

/// <summary>The watch of the client.</summary>
public sealed partial class KubeClient
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceType type, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(options);
        string what = $"watch {type}{In(options)}";
#pragma warning disable CA5394 // Spreads load; nothing is guessed from it.
        TimeSpan asked = _options.WatchTimeout * (1 + Random.Shared.NextDouble() / 2);
#pragma warning restore CA5394
        string url = KubeUrls.Watch(type, options, asked);
        string accept = options.MetadataOnly ? MetadataJson : Json;
        using HttpResponseMessage response =
            await _http.StreamAsync(what, () => Request(HttpMethod.Get, url, accept), cancellationToken).ConfigureAwait(false);
        options.Opened?.Invoke();
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using WatchLines lines = new(stream, _options.MaxEvent);
            while (await NextAsync(what, lines, asked + _options.WatchMargin, cancellationToken).ConfigureAwait(false) is { } line)
            {
                if (line.Span.Trim(" \t\r"u8).IsEmpty)
                    continue;
                yield return Event(what, line);
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> NextAsync(string what, WatchLines lines, TimeSpan silence, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(silence, _time);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await lines.NextAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw _http.Away(what, $"silent for {silence.TotalSeconds:0} s", null);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw _http.Away(what, KubeHttp.Deepest(e), e);
        }
    }

    private WatchEvent Event(string what, ReadOnlyMemory<byte> line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("object", out JsonElement body))
            {
                switch (Text(root, "type"))
                {
                    case "ADDED":
                        return new WatchEvent(WatchEventKind.Added, KubeObject.From(body.Clone()));
                    case "MODIFIED":
                        return new WatchEvent(WatchEventKind.Modified, KubeObject.From(body.Clone()));
                    case "DELETED":
                        return new WatchEvent(WatchEventKind.Deleted, KubeObject.From(body.Clone()));
                    case "BOOKMARK":
                        return new WatchEvent(WatchEventKind.Bookmark, KubeObject.From(body.Clone()));
                    case "ERROR":
                        throw StatusAnswer.Of(body, 500).ToException(what);
                }
            }
        }
        catch (JsonException e)
        {
            // The parser's message may quote the text, which may hold a Secret.
            throw _http.Away(what, $"a line of the watch is no event (byte {e.BytePositionInLine})", null);
        }

        throw _http.Away(what, "a line of the watch is no event", null);
    }
}
