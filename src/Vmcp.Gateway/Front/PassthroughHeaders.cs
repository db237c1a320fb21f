using Microsoft.AspNetCore.Http;

using Vmcp.Config.Validation;

namespace Vmcp.Gateway.Front;

/// <summary>Copies the configured client headers of a request, fresh each time (vmcp-runtime 4.14).</summary>
public static class PassthroughHeaders
{
    /// <summary>The headers to add to backend requests made for this request. A value that is too long or not visible ASCII is left out.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Copy(HttpRequest request, GatewaySettings settings)
    {
        if (settings.PassthroughHeaders.Count == 0)
            return [];
        List<KeyValuePair<string, string>> headers = [];
        foreach (string name in settings.PassthroughHeaders)
        {
            string? value = request.Headers[name].FirstOrDefault();
            // What HttpClient refuses to send would look like a broken backend, and so would one client shut it for all.
            if (value is { Length: > 0 and <= HeaderRules.MaxValueLength } && value.All(static c => c is >= ' ' and <= '~'))
                headers.Add(new KeyValuePair<string, string>(name, value));
        }

        return headers;
    }
}
