using System.Text.Json;

using Vmcp.Auth.Incoming;
using Vmcp.Core.Backends;
using Vmcp.Core.Identity;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Identities;

/// <summary>Worlds with users: a bearer token is the user's name, and a per-user backend is called with that name in a header.</summary>
internal static class Users
{
    /// <summary>Carries the user's name to the backend.</summary>
    public const string Header = "X-User";

    /// <summary>A strategy of the kind that needs a user.</summary>
    public static Strategy Strategy { get; } = new TokenExchangeStrategy { TokenUrl = new Uri("https://sts.test/token") };

    /// <summary>A backend for anybody but nobody: requests without a user get 401.</summary>
    public static Behaviour OnlyForUsers { get; } = For(_ => Behaviour.Normal);

    /// <summary>A world with live backends whose callers are users.</summary>
    public static Task<TestWorld> StartAsync(Action<WorldScript> write) => TestWorld.LiveAsync(w =>
    {
        w.Incoming = new Door();
        w.Signer = SignAsync;
        write(w);
    });

    /// <summary>Adds a backend that is called with each user's own credential, and may refuse all others from its first request on.</summary>
    public static WorldScript PerUser(this WorldScript world, string name, Action<BackendScript> script, bool onlyForUsers = false)
    {
        world.Strategies[name] = Strategy;
        if (onlyForUsers)
            world.Behaviours[name] = OnlyForUsers;
        return world.Backend(name, script);
    }

    /// <summary>Adds a tool that one user sees.</summary>
    public static BackendScript ToolOf(this BackendScript script, string user, string name) => script.Add(OwnTool(user, name));

    /// <summary>A tool that one user sees.</summary>
    public static BackendItem OwnTool(string user, string name) =>
        ItemOf.Tool(name) with { VisibleTo = a => a.Headers.GetValueOrDefault(Header) == user };

    /// <summary>A behaviour by user; without a user 401.</summary>
    public static Behaviour For(Func<string, Behaviour> behave) =>
        Behaviour.Choose(r => r.Headers.GetValueOrDefault(Header) is { Length: > 0 } user ? behave(user) : Behaviour.Status(401));

    /// <summary>The header a user's client sends.</summary>
    public static Dictionary<string, string> Token(string user) => new() { ["Authorization"] = "Bearer " + user };

    /// <summary>A client of a user.</summary>
    public static Task<Front> UserAsync(this TestWorld world, string user, string revision, string capabilities = "{}") =>
        world.ConnectAsync(revision, capabilities, Token(user));

    /// <summary>A user as the gateway knows them. The proof of one whose name begins with <c>brief</c> ends half a second after it was shown.</summary>
    public static Caller Caller(string user)
    {
        DateTimeOffset? expires = user.StartsWith("brief", StringComparison.Ordinal) ? DateTimeOffset.UtcNow.AddSeconds(0.5) : null;
        return new Caller(new Principal("https://issuer.test", user), new SubjectToken(new Secret(user), JsonSerializer.SerializeToElement(new { sub = user }), expires));
    }

    /// <summary>How often a method came to a backend on behalf of a user; null: of nobody.</summary>
    public static int CountFor(this ScriptedBackend backend, string? user, string method) =>
        backend.RequestsFor(method).Count(r => r.Headers.GetValueOrDefault(Header) == user);

    private static ValueTask<IIssuedCredential?> SignAsync(HttpRequestMessage request, Backend backend, Caller? caller, CancellationToken cancellationToken)
    {
        if (!backend.Strategy.IsPerUser || caller is null)
            return default;
        if (caller.Token?.Value.Reveal() is not { } user)
            throw new InvalidOperationException("A request for a user without a proof was signed.");
        if (user.StartsWith("unknown", StringComparison.Ordinal))
            throw new CredentialException("cannot be called: the token exchange was refused");
        request.Headers.Add(Header, user);
        return default;
    }

    private sealed class Door : IIncomingAuth
    {
        public ProtectedResource? Resource => null;

        public ValueTask<Admission> AdmitAsync(IReadOnlyList<string?> authorization, CancellationToken cancellationToken) => new(
            authorization is [{ } bearer] && bearer.StartsWith("Bearer ", StringComparison.Ordinal)
                ? new Admission.Admitted(Caller(bearer["Bearer ".Length..]))
                : new Admission.Admitted(Core.Identity.Caller.Anonymous));
    }
}
