using Vmcp.Core.Identity;
using Vmcp.Core.Status;

namespace Vmcp.Auth.Incoming;

/// <summary>Lets everybody in as one caller: <c>anonymous</c> and <c>local</c>. A presented <c>Authorization</c> header is ignored.</summary>
/// <param name="caller">Who everybody is.</param>
/// <param name="type">The kind, as <c>incomingAuth.type</c> has it.</param>
public sealed class OpenDoor(Caller caller, string type = "anonymous") : IIncomingAuth
{
    private readonly Admission _admitted = new Admission.Admitted(caller);

    /// <summary>Everybody is the anonymous user (auth-and-ops 1.2).</summary>
    public static OpenDoor Anonymous { get; } = new(Caller.Anonymous);

    /// <inheritdoc />
    public ProtectedResource? Resource => null;

    /// <inheritdoc />
    public IncomingReport Report { get; } = new() { Type = type };

    /// <summary>Everybody is the user of the operating system (auth-and-ops 1.3).</summary>
    public static OpenDoor Local() => new(new Caller(new Principal(Principal.Anonymous.Issuer, Environment.UserName is { Length: > 0 } user ? user : "local")), "local");

    /// <inheritdoc />
    public ValueTask<Admission> AdmitAsync(IReadOnlyList<string?> authorization, CancellationToken cancellationToken) => new(_admitted);
}
