namespace Vmcp.EndToEnd.Tests.Fuzz;

/// <summary>Texts the fuzz is made of.</summary>
internal static class Vocabulary
{
    public static readonly string[] Versions =
        ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28", "2099-01-01", "1.0", "", "DRAFT-2026", "2026-07-28 ", "☃", "0"];

    public static readonly string[] Capabilities =
    [
        "{}", """{"elicitation":{}}""", """{"sampling":{},"elicitation":{"form":{},"url":{}},"roots":{"listChanged":true}}""", """{"roots":{}}""",
        """{"extensions":{"io.modelcontextprotocol/tasks":{}}}""", """{"tasks":{"list":{},"requests":{}},"elicitation":{}}""",
        """{"experimental":{"x":[1,2,{"y":null}]}}""",
    ];

    public static readonly string[] BadCapabilities = ["[]", "null", "\"x\"", "1", """{"\ud800":{}}""", """{"elicitation":null}""", """{"sampling":[]}"""];

    public static readonly string[] Ids =
        ["1", "0", "-7", "\"a\"", "\"\"", "\"☃\"", "1.5", "1e3", "\"\\u0041\"", "9007199254740993", "\"id with spaces and \\\"quotes\\\"\"", "\"<&>\""];

    public static readonly string[] BadIds =
    [
        "null", "true", "{}", "[]", "1e400", "\"\\ud800\"", new string('9', 5000), "\"" + new string('x', 50_000) + "\"", "-0", "00", "NaN",
    ];

    public static readonly string[] Arguments =
    [
        "{}", """{"message":"hi","prompt":"hi","name":"n","count":3}""", """{"seconds":0,"label":"x"}""", """{"arg1":"a","arg2":"b"}""",
        """{"resourceUri":"test://static-text"}""", """{"region":"eu","Region":"us","query":"☃ é"}""", """{"a":{"b":{"c":[1,2,3,{"d":null}]}}}""",
        """{"input":"\ud83d\ude00","n":1e308,"m":-0.0}""", """{"seconds":0.01,"filename":"x"}""",
    ];

    public static readonly string[] BadArguments = ["[]", "null", "\"x\"", "7", """{"\ud800":1}""", """{"a":"\udc00"}""", """{"seconds":1e9}""", """{"seconds":"x"}"""];

    public static readonly string[] Uris =
    [
        "test://static-text", "test://static-binary", "test://watched-resource", "test://template/7/data", "test://template/%20/data", "test://template//data",
        "file:///etc/passwd", "", "http://127.0.0.1/", "test://\u0000", "☃", "test://template/a/b/data",
    ];

    public static readonly string[] Prompts =
        ["test_simple_prompt", "test_prompt_with_arguments", "test_prompt_with_embedded_resource", "test_input_required_result_prompt", "none"];

    public static readonly string[] Methods =
    [
        "ping", "server/discover", "initialize", "subscriptions/listen", "sampling/createMessage", "elicitation/create", "roots/list", "tasks/list",
        "tasks/get", "tasks/result", "tasks/cancel", "tasks/update", "tools/Call", "", " ", "a/b/c", "notifications/initialized", "rpc.discover",
        "tools/list ", "☃", "prompts/list", "resources/templates/list", "$/cancelRequest",
    ];

    public static readonly string[] Notifications =
    [
        "notifications/initialized", "notifications/cancelled", "notifications/progress", "notifications/roots/list_changed", "notifications/message",
        "notifications/tools/list_changed", "notifications/x", "tools/call", "initialize",
    ];

    /// <summary>Member texts that are put behind any opening brace.</summary>
    public static readonly string[] Members =
    [
        "\"method\":\"ping\"", "\"id\":2", "\"jsonrpc\":\"2.0\"", "\"params\":{}", "\"_meta\":{}", "\"_meta\":null", "\"name\":null", "\"name\":\"x\"",
        "\"uri\":1", "\"arguments\":[]", "\"Method\":\"x\"", "\"ID\":1", "\"PARAMS\":{}", "\"\\u006dethod\":\"ping\"", "\"\\ud800\":1", "\"x\\udfff\":{}",
        "\"\":0", "\"result\":{}", "\"error\":{}", "\"error\":{\"code\":1,\"message\":\"m\"}", "\"cursor\":\"x\"", "\"cursor\":5",
        "\"requestState\":\"x\"", "\"inputResponses\":[]", "\"inputResponses\":{\"a\":1}", "\"progressToken\":{}", "\"progressToken\":\"\\ud800\"",
        "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"", "\"io.modelcontextprotocol/clientCapabilities\":null",
        "\"io.modelcontextprotocol/logLevel\":\"debug\"", "\"io.modelcontextprotocol/logLevel\":5", "\"task\":{\"ttl\":1000}", "\"taskId\":{}",
        "\"notifications\":{\"resourceSubscriptions\":[1,null,\"test://watched-resource\"]}", "\"ref\":{\"type\":\"ref/prompt\"}", "\"ref\":null",
        "\"level\":\"debug\"", "\"requestId\":{}", "\"capabilities\":[]", "\"clientInfo\":3", "\"protocolVersion\":null", "\"name\":\"\\u0000\"",
    ];

    public static readonly string[] HeaderValues =
    [
        "", " ", "x", "2026-07-28", "2025-11-25", "=?base64?!!!?=", "=?base64?4pi6?=", "=?base64??=", "=?base64?/w==?=", "tools/call", "TOOLS/CALL", "é", "☃",
        "a,b", "\t", "0", "-1", "999999999999999999999", "null", "\"quoted\"",
    ];

    public static readonly string[] HeaderNames =
    [
        "MCP-Protocol-Version", "Mcp-Method", "Mcp-Name", "Mcp-Session-Id", "Accept", "Content-Type", "Last-Event-ID", "Origin", "Host", "Mcp-Param-Region",
        "Mcp-Param-", "Authorization", "Cookie", "X-Forwarded-For", "Content-Encoding", "Expect", "Range", "If-Match", "Accept-Encoding", "Forwarded",
    ];

    public static readonly string[] Accepts =
        ["application/json", "text/event-stream", "*/*", "text/html", "application/json;q=0", "application/*", ",,,", "text/event-stream, application/json"];

    public static readonly string[] ContentTypes =
    [
        "application/json; charset=utf-8", "APPLICATION/JSON", "text/plain", "application/json-rpc", "application/x-www-form-urlencoded", "", ";", "multipart/form-data",
    ];

    public static readonly string[] Paths =
    [
        "/mcp/", "/MCP", "/", "/mcp?x=1", "/mcp/../mcp", "/status", "/health", "/healthz", "/livez", "/ping", "/readyz", "/api/backends/health", "/.well-known/oauth-protected-resource",
        "/.well-known/x", "/sse", "/message", "/%6dcp", "/favicon.ico",
    ];

    public static readonly string[] Verbs = ["PUT", "OPTIONS", "HEAD", "PATCH", "GET", "DELETE", "POST", "PROPFIND", "post"];

    public static readonly string[] Hosts = ["localhost", "127.0.0.1", "[::1]", "evil.example", "localhost.evil.example", "127.0.0.1:1", "a:b:c"];

    public static readonly string[] Origins = ["http://localhost", "https://evil.example", "null", "http://127.0.0.1:3000", "file://", "", "http://[::1]", "javascript:x"];
}
