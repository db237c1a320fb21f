using System.Globalization;

using Vmcp.Auth.Http;
using Vmcp.Auth.Outgoing;
using Vmcp.Auth.Outgoing.Caching;
using Vmcp.Auth.Outgoing.Exchange;
using Vmcp.Core.Backends;
using Vmcp.Core.Identity;

namespace Vmcp.Auth.Aws;

/// <summary>Asks AWS STS for temporary credentials by the query API. The call is not signed: the caller's token is the proof.</summary>
internal sealed class StsClient : IDisposable
{
    private const string Step = "assume_role";

    private readonly TimeProvider _time;
    private readonly OutgoingMetrics _metrics;
    private readonly EndpointGates _gates;
    private readonly IdentityHttp _http;
    private readonly Uri? _endpoint;
    private readonly string? _endpointProblem;

    /// <summary>Prepares the pool; nothing is dialled yet.</summary>
    public StsClient(OutgoingOptions options, OutgoingMetrics metrics)
    {
        _time = options.Time;
        _metrics = metrics;
        _gates = new EndpointGates(options.Limits, options.Time);
        // STS is named by whoever configures the gateway; an endpoint in a VPC has a private address.
        _http = new IdentityHttp(
            new IdentityHttpOptions { AllowPrivateAddresses = true, AttemptTimeout = options.AttemptTimeout, Retries = options.Retries }, options.Time);
        (_endpoint, _endpointProblem) = StsEndpoint.FromEnvironment(options.Env);
    }

    /// <summary>Takes a role with a token (AssumeRoleWithWebIdentity).</summary>
    /// <param name="strategy">Region and lifetime.</param>
    /// <param name="role">The ARN of the role.</param>
    /// <param name="session">The name of the session.</param>
    /// <param name="subject">The caller's token.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<Issue<AwsCredentials>> AssumeAsync(
        AwsStsStrategy strategy, string role, string session, SubjectToken subject, CancellationToken cancellationToken)
    {
        string? problem = _endpointProblem;
        if ((_endpoint ?? StsEndpoint.Of(strategy.Region)) is not { } url)
            problem ??= "its region is not an AWS region";
        else if (problem is null)
            return AskAsync(url, strategy, role, session, subject, cancellationToken);
        return Task.FromResult<Issue<AwsCredentials>>(Denied(TokenTrouble.Invalid(StsTrouble.Whose, $"is not asked: {problem}")));
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private Task<Issue<AwsCredentials>> AskAsync(
        Uri url, AwsStsStrategy strategy, string role, string session, SubjectToken subject, CancellationToken cancellationToken)
    {
        return _gates.RunAsync<Issue<AwsCredentials>>(url, token => SendAsync(Build, token), static busy => Denied(busy), cancellationToken);

        HttpRequestMessage Build()
        {
            HttpRequestMessage request = new(HttpMethod.Post, url)
            {
                Content = new FormUrlEncodedContent(
                [
                    new("Action", "AssumeRoleWithWebIdentity"),
                    new("Version", "2011-06-15"),
                    new("RoleArn", role),
                    new("RoleSessionName", session),
                    new("DurationSeconds", ((int)strategy.SessionDuration.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
                    new("WebIdentityToken", subject.Value.Reveal()),
                ]),
            };
            request.Headers.TryAddWithoutValidation("Accept", "text/xml");
            return request;
        }
    }

    private async Task<Issue<AwsCredentials>> SendAsync(Func<HttpRequestMessage> build, CancellationToken cancellationToken)
    {
        _metrics.Begin(Step);
        long started = _time.GetTimestamp();
        string? errorType = "cancelled";
        try
        {
            Issue<AwsCredentials> issue = Read(await _http.SendAsync(build, cancellationToken).ConfigureAwait(false));
            errorType = (issue as Issue<AwsCredentials>.Denied)?.Trouble.ErrorType;
            return issue;
        }
        finally
        {
            _metrics.End(Step, _time.GetElapsedTime(started), errorType);
        }
    }

    private static Issue<AwsCredentials> Read(IdentityAnswer answer)
    {
        if (answer is IdentityAnswer.Unreachable away)
            return Denied(TokenTrouble.Away(StsTrouble.Whose, away.Reason));
        IdentityAnswer.Answered answered = (IdentityAnswer.Answered)answer;
        StsAnswer read = StsAnswer.Read(answered.Body);
        return answered.IsSuccess && read.Credentials is { } credentials
            // Requests are signed up to five minutes before the end, so that clocks and slow requests do not matter.
            ? new Issue<AwsCredentials>.Granted(credentials, credentials.Expiration - TimeSpan.FromMinutes(5))
            : Denied(StsTrouble.Of(answered, read.ErrorCode));
    }

    private static Issue<AwsCredentials>.Denied Denied(CredentialTrouble trouble) => new(trouble);
}
