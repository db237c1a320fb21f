using Microsoft.AspNetCore.Http;

namespace Vmcp.Gateway.Front;

/// <summary>Copies the configured client headers of a request, fresh each time (vmcp-runtime 4.14).</summary>
public static class PassthroughHeaders
{
    /// <summary>Longest value that passes, in characters.</summary>
    private const int MaxValue = 8192;

    /// <summary>The headers to add to backend requests made for this request.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Copy(HttpRequest request, GatewaySettings settings)
    {
        if (settings.PassthroughHeaders.Count == 0)
            return [];
        List<KeyValuePair<string, string>> headers = [];
        foreach (string name in settings.PassthroughHeaders)
        {
            string? value = request.Headers[name].FirstOrDefault();
            if (value is { Length: > 0 and <= MaxValue } && !value.Any(char.IsControl))
                headers.Add(new KeyValuePair<string, string>(name, value));
        }

        return headers;
    }
}
