using Microsoft.Extensions.Logging;

using Vmcp.Auth.Http;
using Vmcp.Auth.Incoming;
using Vmcp.Config.Model;
using Vmcp.Core.Backends;

namespace Vmcp.Gateway.Hosting;

/// <summary>Opens the door that <c>incomingAuth</c> describes. Whoever starts the gateway ends it after the gateway.</summary>
public static class IncomingDoor
{
    /// <summary>The door. For <c>oidc</c> the provider's keys are fetched in the background from here on.</summary>
    /// <param name="config">A validated configuration.</param>
    /// <param name="env">Looks up environment variables.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">For changes of the provider's state.</param>
    /// <exception cref="InvalidDataException">The CA bundle cannot be read or holds no certificate.</exception>
    public static IIncomingAuth Open(GatewayConfig config, Func<string, string?> env, TimeProvider time, ILoggerFactory loggers) =>
        config.EffectiveIncomingAuth switch
        {
            IncomingAuthType.Anonymous => OpenDoor.Anonymous,
            IncomingAuthType.Local => OpenDoor.Local(),
            _ => new OidcAuth(
                OptionsOf(config.IncomingAuth?.Oidc ?? throw new InvalidOperationException("oidc without its block passed the validation."), env),
                time,
                loggers.CreateLogger<OidcAuth>()),
        };

    /// <summary>The block of the configuration, with everything looked up.</summary>
    internal static OidcOptions OptionsOf(OidcConfig oidc, Func<string, string?> env) => new()
    {
        Issuer = oidc.Issuer!,
        Audience = oidc.Audience!,
        Resource = ResourceOf(oidc),
        JwksUrl = UrlOf(oidc.JwksUrl),
        JwksFile = oidc.JwksFile,
        JwksAuthTokenPath = oidc.JwksAuthTokenPath,
        IntrospectionUrl = UrlOf(oidc.IntrospectionUrl),
        ClientId = Given(oidc.ClientId),
        ClientSecret = Given(oidc.ClientId) is null ? null : SecretOf(oidc, env),
        Scopes = [.. oidc.Scopes],
        RequiredScopes = [.. oidc.RequiredScopes],
        RequiredSubject = oidc.RequiredSubject,
        KeysHttp = Http(oidc, oidc.JwksAllowPrivateIp),
        IntrospectionHttp = Http(oidc, oidc.ProtectedResourceAllowPrivateIp),
    };

    /// <summary>The URL of this server: the one that is written, else the audience when it is a URL; null for neither.</summary>
    public static Uri? ResourceOf(OidcConfig oidc) =>
        Uri.TryCreate(Given(oidc.Resource) ?? oidc.Audience, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" ? url : null;

    // Two separate switches: leave to reach keys in the cluster is no leave to send tokens there.
    private static IdentityHttpOptions Http(OidcConfig oidc, bool? allowPrivate) => new()
    {
        AllowPrivateAddresses = allowPrivate == true,
        AllowHttp = oidc.InsecureAllowHttp == true,
        CaBundlePath = Given(oidc.CaBundlePath),
    };

    private static Secret? SecretOf(OidcConfig oidc, Func<string, string?> env) =>
        (Given(env(oidc.ClientSecretEnv ?? OidcConfig.ClientSecretVariable)) ?? Given(env(OidcConfig.LegacyClientSecretVariable))) is { } secret
            ? new Secret(secret)
            : null;

    private static Uri? UrlOf(string? text) => Given(text) is { } given ? new Uri(given) : null;

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
