namespace Vmcp.Auth.Tests.Aws;

/// <summary>
/// The signatures of AWS's published Signature Version 4 test suite (access key AKIDEXAMPLE, region us-east-1, service "service", 30 August 2015
/// 12:36:00 UTC).
/// </summary>
public static class SignatureVectors
{
    public const string Token =
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4"
        + "IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yj"
        + "c8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

    private const string Vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    private const string Unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>Name, method, path, query, header lines ("name: value"), body, signed headers but host and date, signature.</summary>
    public static TheoryData<string, string, string, string, string[], string, string, string> All { get; } = new()
    {
        { "get-vanilla", "GET", "/", "", [], "", "", Vanilla },
        { "get-vanilla, empty path", "GET", "", "", [], "", "", Vanilla },
        { "get-vanilla-empty-query-key", "GET", "/", "Param1=value1", [], "", "", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb" },
        { "get-vanilla-query-order-key-case", "GET", "/", "Param2=value2&Param1=value1", [], "", "", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500" },
        { "get-vanilla-query-order-key", "GET", "/", "Param1=value2&Param1=value1", [], "", "", "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694" },
        { "get-vanilla-query-order-value", "GET", "/", "Param1=value2&Param1=Value1", [], "", "", "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1" },
        { "get-vanilla-query-order-encoded", "GET", "/", "Param-3=Value3&Param=Value2&%E1%88%B4=Value1", [], "", "", "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac" },
        { "get-vanilla-query-unreserved", "GET", "/", Unreserved + "=" + Unreserved, [], "", "", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197" },
        { "get-vanilla-utf8-query", "GET", "/", "\u1234=bar", [], "", "", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04" },
        { "get-unreserved", "GET", "/" + Unreserved, "", [], "", "", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f" },
        { "get-utf8", "GET", "/\u1234", "", [], "", "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85" },
        { "get-space-normalized", "GET", "/example space/", "", [], "", "", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741" },
        { "get-relative-normalized", "GET", "/example/..", "", [], "", "", Vanilla },
        { "get-relative-relative-normalized", "GET", "/example1/example2/../..", "", [], "", "", Vanilla },
        { "get-slash-normalized", "GET", "//", "", [], "", "", Vanilla },
        { "get-slash-dot-slash-normalized", "GET", "/./", "", [], "", "", Vanilla },
        { "get-slash-pointless-dot-normalized", "GET", "/./example", "", [], "", "", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5" },
        { "get-slashes-normalized", "GET", "//example//", "", [], "", "", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84" },
        { "get-header-key-duplicate", "GET", "/", "", ["My-Header1:value2", "My-Header1:value2", "My-Header1:value1"], "", "my-header1", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea" },
        { "get-header-value-order", "GET", "/", "", ["My-Header1:value4", "My-Header1:value1", "My-Header1:value3", "My-Header1:value2"], "", "my-header1", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01" },
        { "get-header-value-trim", "GET", "/", "", ["My-Header1: value1", "My-Header2: \"a   b   c\""], "", "my-header1;my-header2", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736" },
        { "post-vanilla", "POST", "/", "", [], "", "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b" },
        { "post-vanilla-query", "POST", "/", "Param1=value1", [], "", "", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11" },
        { "post-header-key-sort", "POST", "/", "", ["My-Header1:value1"], "", "my-header1", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c" },
        { "post-header-value-case", "POST", "/", "", ["My-Header1:VALUE1"], "", "my-header1", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d" },
        { "post-x-www-form-urlencoded", "POST", "/", "", ["Content-Type:application/x-www-form-urlencoded"], "Param1=value1", "content-type", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a" },
        { "post-x-www-form-urlencoded-parameters", "POST", "/", "", ["Content-Type:application/x-www-form-urlencoded; charset=utf8"], "Param1=value1", "content-type", "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe" },
        { "post-sts-header-before", "POST", "/", "", ["X-Amz-Security-Token:" + Token], "", "x-amz-security-token", "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead" },
    };

    /// <summary>
    /// Those that HttpClient can send as they are. A .NET Uri always sends such a path encoded, which is signed encoded twice, and repeated headers
    /// leave as one line with ", ".
    /// </summary>
    public static IEnumerable<TheoryDataRow<string, string, string, string, string[], string, string, string>> OfHttpClient { get; } =
        All.Where(v => !v.Data.Item3.Any(c => c is '\u1234' or ' ') && v.Data.Item5.Count(h => h.StartsWith("My-Header1", StringComparison.Ordinal)) < 2);
}
