using System.Runtime.CompilerServices;

using Vmcp.Auth.Outgoing;
using Vmcp.Auth.Outgoing.Caching;
using Vmcp.Auth.Outgoing.Exchange;
using Vmcp.Core.Backends;
using Vmcp.Core.Identity;

namespace Vmcp.Auth.Aws;

/// <summary>
/// <c>aws_sts</c>: the caller's token is exchanged for credentials of a role that the caller's claims choose, and each request is signed with them.
/// </summary>
internal sealed class AwsStsSigner(StsClient sts, CredentialCache<AwsCredentials> kept, TimeProvider time) : IStrategySigner<AwsStsStrategy>
{
    // One per strategy that is in use, found by reference: a reloaded configuration brings new strategies, and old ones go with their choosers.
    private readonly ConditionalWeakTable<AwsStsStrategy, RoleChooser> _choosers = [];

    /// <inheritdoc />
    public async ValueTask<IIssuedCredential?> SignAsync(
        HttpRequestMessage request, Backend backend, AwsStsStrategy strategy, Caller? caller, CancellationToken cancellationToken)
    {
        if (caller is null)
            return null; // there is no role for nobody; a refusal of the probe still says that the backend is there
        SubjectToken subject = BearerTokens.SubjectOf(caller, strategy);

        // Looked at on each request: the claims of an opaque token may change while it stays the same.
        string role = _choosers.GetValue(strategy, static s => new RoleChooser(s)).RoleOf(subject.Claims)
            ?? throw new CredentialException("cannot be called: none of its awsSts.roleMappings matches the caller's claims, and there is no fallbackRoleArn");
        string session = SessionName.Of(TokenClaims.Find(subject.Claims, strategy.SessionNameClaim))
            ?? throw new CredentialException(
                $"cannot be called: the caller's token has no claim \"{strategy.SessionNameClaim}\" to name the AWS session by (awsSts.sessionNameClaim)");

        KeptCredential<AwsCredentials> credential = await kept.GetAsync(
            CredentialKey.Of(caller, backend, $"{role} {session}"), subject, token => sts.AssumeAsync(strategy, role, session, subject, token),
            cancellationToken).ConfigureAwait(false);
        await SigV4Signer.SignAsync(request, credential.Value, strategy.Region, strategy.Service, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        return new Signed(credential);
    }

    // AWS says 403 where others say 401: for keys that are over or were taken back too.
    private sealed class Signed(KeptCredential<AwsCredentials> credential) : IIssuedCredential
    {
        public bool IsRefusedBy(int status) => status is 401 or 403;

        public bool Refused() => credential.Refused();
    }
}
