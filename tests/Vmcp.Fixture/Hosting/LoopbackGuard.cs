namespace Vmcp.Fixture.Hosting;

/// <summary>Refuses requests that a browser was tricked into sending: their Host or Origin is not this machine (DNS rebinding).</summary>
internal static class LoopbackGuard
{
    public static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        string origin = context.Request.Headers.Origin.ToString();
        bool allowed = IsLoopback(context.Request.Host.Host)
            && (origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? from) && IsLoopback(from.Host)));
        if (allowed)
            return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    private static bool IsLoopback(string host) => host is "localhost" or "127.0.0.1" or "[::1]";
}
