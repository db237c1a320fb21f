using System.Collections.Concurrent;
using System.Globalization;
using System.Security;
using Microsoft.AspNetCore.Http;

namespace Vmcp.TestKit;

/// <summary>One call of <see cref="FakeSts"/>.</summary>
/// <param name="Fields">The fields of the query API: Action, Version, RoleArn, RoleSessionName, WebIdentityToken, DurationSeconds.</param>
/// <param name="Headers">All headers; names are compared without case.</param>
public sealed record StsRequest(IReadOnlyDictionary<string, string> Fields, IReadOnlyDictionary<string, string> Headers)
{
    /// <summary>A field, null when absent.</summary>
    public string? Field(string name) => Fields.GetValueOrDefault(name);
}

/// <summary>
/// AWS STS as far as AssumeRoleWithWebIdentity goes: the query API, answers in XML. Keys are numbered, so that a test can tell which call
/// made the ones it sees: <c>ASIAFAKE00000001</c>, <c>secret-1</c>, <c>session-1</c>.
/// </summary>
public sealed class FakeSts : IAsyncDisposable
{
    private readonly ConcurrentQueue<StsRequest> _requests = new();
    private readonly ConcurrentQueue<AuthAnswer> _failures = new();
    private readonly LoopbackHost _host;
    private int _issued;

    private FakeSts() => _host = new LoopbackHost(ServeAsync);

    /// <summary>The endpoint.</summary>
    public Uri Url => new(_host.Address + "/");

    /// <summary>Every request so far.</summary>
    public IReadOnlyList<StsRequest> Requests => [.. _requests];

    /// <summary>When credentials given from now on expire; null for what was asked for (an hour if nothing was), by the system's clock.</summary>
    public DateTimeOffset? Expiration { get; set; }

    /// <summary>Starts one on a port the system chooses.</summary>
    public static async Task<FakeSts> StartAsync()
    {
        var sts = new FakeSts();
        await sts._host.StartAsync();
        return sts;
    }

    /// <summary>The next <paramref name="times"/> calls are answered with this error.</summary>
    public void Fail(string code, int status = 400, int times = 1, string message = "no")
    {
        for (int i = 0; i < times; i++)
            _failures.Enqueue(Error(code, status, message));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task ServeAsync(HttpContext http, CancellationToken ended)
    {
        var fields = http.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString(), StringComparer.Ordinal);
        if (http.Request.HasFormContentType)
        {
            foreach ((string name, var value) in await http.Request.ReadFormAsync(ended))
                fields[name] = value.ToString();
        }

        var request = new StsRequest(fields, http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        _requests.Enqueue(request);
        AuthAnswer answer = _failures.TryDequeue(out AuthAnswer? failure) ? failure : Answer(request);
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = answer.ContentType;
        await http.Response.WriteAsync(answer.Body, ended);
    }

    private AuthAnswer Answer(StsRequest request)
    {
        if (request.Field("Action") != "AssumeRoleWithWebIdentity" || request.Field("Version") != "2011-06-15")
            return Error("InvalidAction", 400, "unknown action or version");
        if (request.Field("RoleArn") is not { } role || request.Field("RoleSessionName") is not { } session || request.Field("WebIdentityToken") is null)
            return Error("ValidationError", 400, "RoleArn, RoleSessionName and WebIdentityToken are required");
        int seconds = int.Parse(request.Field("DurationSeconds") ?? "3600", CultureInfo.InvariantCulture);
        DateTimeOffset ends = Expiration ?? DateTimeOffset.UtcNow.AddSeconds(seconds);
        string number = Interlocked.Increment(ref _issued).ToString(CultureInfo.InvariantCulture);
        string arn = role.Replace(":iam:", ":sts:", StringComparison.Ordinal).Replace(":role/", ":assumed-role/", StringComparison.Ordinal);
        return Xml(200, $"""
            <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <AssumeRoleWithWebIdentityResult>
                <AssumedRoleUser>
                  <Arn>{SecurityElement.Escape($"{arn}/{session}")}</Arn>
                  <AssumedRoleId>AROAFAKE:{SecurityElement.Escape(session)}</AssumedRoleId>
                </AssumedRoleUser>
                <Credentials>
                  <AccessKeyId>ASIAFAKE{number.PadLeft(8, '0')}</AccessKeyId>
                  <SecretAccessKey>secret-{number}</SecretAccessKey>
                  <SessionToken>session-{number}</SessionToken>
                  <Expiration>{ends.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}</Expiration>
                </Credentials>
              </AssumeRoleWithWebIdentityResult>
              <ResponseMetadata><RequestId>request-{number}</RequestId></ResponseMetadata>
            </AssumeRoleWithWebIdentityResponse>
            """);
    }

    private static AuthAnswer Error(string code, int status, string message) => Xml(status, $"""
        <ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
          <Error><Type>Sender</Type><Code>{SecurityElement.Escape(code)}</Code><Message>{SecurityElement.Escape(message)}</Message></Error>
          <RequestId>request-0</RequestId>
        </ErrorResponse>
        """);

    private static AuthAnswer Xml(int status, string body) => new(status, body, "text/xml");
}
