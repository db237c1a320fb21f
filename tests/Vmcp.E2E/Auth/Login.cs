using Vmcp.TestKit;

namespace Vmcp.E2E.Auth;

/// <summary>A user who is signed in at an authorization server. A refreshed token counts from the next request on, in clients that exist too.</summary>
public sealed class Login
{
    private readonly TestAuthorizationServer _idp;
    private readonly string _audience;

    public Login(TestAuthorizationServer idp, string subject, string audience)
    {
        (_idp, Subject, _audience) = (idp, subject, audience);
        Refresh();
    }

    public string Subject { get; }

    public string Token { get; private set; } = "";

    /// <summary>What the user's clients send.</summary>
    public Dictionary<string, string> Headers { get; } = [];

    public void Refresh()
    {
        Token = _idp.Token(Subject, _audience);
        Headers["Authorization"] = $"Bearer {Token}";
    }
}
