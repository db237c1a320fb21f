namespace Vmcp.Operator.SmallControllers;

/// <summary>URLs that credentials or keys come from or go to.</summary>
internal static class SpecUrl
{
    /// <summary>Reports a URL that is not absolute, not http(s), or plain http to another host without leave. Missing and empty ones are fine.</summary>
    public static void Check(string? url, string at, bool allowHttp, List<string> problems, string? httpRemedy = null)
    {
        if (string.IsNullOrEmpty(url))
            return;
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0 || url.Any(char.IsWhiteSpace))
        {
            // What stands before an @ may be a password, so the value stays out of the message.
            problems.Add($"{at}: not an absolute URL; write for example https://idp.example.com");
        }
        else if (uri.Scheme is not ("http" or "https"))
        {
            problems.Add($"{at}: the scheme {uri.Scheme} is not supported; use https");
        }
        else if (uri.UserInfo.Length > 0)
        {
            problems.Add($"{at}: the URL must not carry a user or password");
        }
        else if (uri.Scheme == "http" && !allowHttp && !uri.IsLoopback)
        {
            problems.Add($"{at}: plain http to {uri.Host}; use https" + (httpRemedy is null ? "" : $", or {httpRemedy}"));
        }
    }
}
