namespace Vmcp.Resources.Schema;

/// <summary>The regular expressions of the schemas, by what they stand for.</summary>
public static class Patterns
{
    /// <summary>A duration of whole or fractional units: <c>1m30s</c>.</summary>
    public const string Duration = @"^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$";

    /// <summary>Begins like an HTTP URL.</summary>
    public const string Http = "^https?://";

    /// <summary>An HTTP URL.</summary>
    public const string HttpAny = "^https?://.*$";

    /// <summary>An HTTPS URL.</summary>
    public const string HttpsAny = "^https://.*$";

    /// <summary>An issuer: no query, no fragment, no slash at the end.</summary>
    public const string Issuer = @"^https?://[^\s?#]+[^/\s?#]$";

    /// <summary>An HTTPS URL without query, fragment and slash at the end.</summary>
    public const string HttpsNoSlash = @"^https://[^\s?#]+[^/\s?#]$";

    /// <summary>A redirect URI over HTTPS.</summary>
    public const string HttpsRedirect = @"^https://[^\s?#]+$";

    /// <summary>A login host over HTTPS.</summary>
    public const string Authority = @"^https://[^\s?#@]+[^/\s?#@]$";

    /// <summary>The name of an upstream provider.</summary>
    public const string Provider = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$";

    /// <summary>An OAuth scope token (RFC 6749, 3.3).</summary>
    public const string Scope = @"^[\x21\x23-\x5B\x5D-\x7E]+$";

    /// <summary>A resource indicator.</summary>
    public const string ResourceUri = "^https?://[^[:space:]]+$";

    /// <summary>Any text without a star.</summary>
    public const string NoStar = "^[^*]+$";

    /// <summary>A Cedar identifier.</summary>
    public const string CedarId = "^[A-Za-z_][A-Za-z0-9_]*$";

    /// <summary>A claim's name, or nothing.</summary>
    public const string Claim = "^([a-zA-Z_][a-zA-Z0-9_]*)?$";

    /// <summary>A decimal number without sign.</summary>
    public const string DecimalNumber = "^([0-9]*[.])?[0-9]+$";

    /// <summary>A ratio from 0 to 1.</summary>
    public const string Ratio = @"^(0(\.\d+)?|1(\.0+)?)$";

    /// <summary>The ARN of an IAM role.</summary>
    public const string RoleArn = @"^arn:(aws|aws-cn|aws-us-gov):iam::\d{12}:role/[\w+=,.@\-_/]+$";

    /// <summary>An AWS region.</summary>
    public const string AwsRegion = @"^[a-z]{2}(-[a-z]+)+-\d+$";

    /// <summary>An Entra tenant: a GUID or a domain.</summary>
    public const string Tenant =
        @"^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,})$";

    /// <summary>A kind of subject token, short or as URN, or nothing.</summary>
    public const string TokenType = "^(access_token|id_token|jwt|urn:ietf:params:oauth:token-type:(access_token|id_token|jwt))?$";

    /// <summary>A header's value.</summary>
    public const string HeaderValue = @"^[^\x00-\x08\x0A-\x1F\x7F]*$";
}
