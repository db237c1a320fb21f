using Vmcp.Core.Backends;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Auth;

/// <summary>Puts <c>token_exchange</c> before the backend <c>alpha</c> of a running world.</summary>
internal static class Exchanging
{
    /// <summary>Edits the backend, and waits until calls go by the edit.</summary>
    public static async Task UseExchangeAsync(this TestWorld world, TestAuthorizationServer idp, string audience)
    {
        world.Source.Edit("alpha", b => b with
        {
            Strategy = new TokenExchangeStrategy
            {
                TokenUrl = idp.TokenUrl,
                Client = new ClientCredential("gateway", new Secret("gateway-secret-7f3a")),
                Audience = audience,
            },
        });
        await Eventually.BecomesAsync(() => idp.Count(TestAuthorizationServer.ClientCredentials) > 0, "probed as the gateway itself");
        await Eventually.BecomesAsync(
            () => world.Gateway.Fleet.Current.Backends["alpha"].Handle.Backend.Strategy is TokenExchangeStrategy, "calls go by the edited backend");
        await world.AreListedAsync("alpha");
    }
}
