using System.Globalization;
using System.Text;

namespace Vmcp.EndToEnd.Tests.Fuzz;

/// <summary>One HTTP request of the fuzz, before it is sent.</summary>
internal sealed class FuzzRequest
{
    /// <summary>What it began as, for the table of times.</summary>
    public string What { get; set; } = "";

    public string Verb { get; set; } = "POST";

    public string Path { get; set; } = "/mcp";

    public List<(string Name, string Value)> Headers { get; } = [];

    public byte[]? Body { get; set; }

    /// <summary>The raw id the answer must carry; null when anything may come back.</summary>
    public string? AnswerId { get; set; }

    /// <summary>How long a stream is read before the client leaves.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromMilliseconds(150);

    /// <summary>A Legacy client that answers what it is asked: the session to answer in.</summary>
    public string? Session { get; set; }

    /// <summary>The params of a Modern call, for a retry after <c>input_required</c>.</summary>
    public string? Retryable { get; set; }

    public void Set(string name, string value)
    {
        Headers.RemoveAll(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        Headers.Add((name, value));
    }

    public HttpRequestMessage ToMessage(Uri server)
    {
        HttpRequestMessage message = new(new HttpMethod(Verb), new Uri(server, Path));
        if (Body is not null)
            message.Content = new ByteArrayContent(Body);
        foreach ((string name, string value) in Headers)
        {
            if (!name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
                message.Headers.TryAddWithoutValidation(name, value);
            else
                message.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    /// <summary>The request as text that shows every byte of a short body.</summary>
    public override string ToString()
    {
        StringBuilder text = new($"{Verb} {Path}\n");
        foreach ((string name, string value) in Headers)
            text.Append(CultureInfo.InvariantCulture, $"{name}: {(value.Length > 200 ? $"{value[..200]}… ({value.Length})" : value)}\n");
        byte[] body = Body ?? [];
        foreach (byte b in body.Take(3000))
            text.Append(b is >= 0x20 and < 0x7f ? $"{(char)b}" : $"<{b:x2}>");
        return text.Append(CultureInfo.InvariantCulture, $" [{body.Length} bytes]").ToString();
    }
}
