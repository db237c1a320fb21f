using System.Text;

using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Sessions;

/// <summary>The parts of a client's declared capabilities that decide what a backend may ask of it.</summary>
/// <param name="Roots">May be asked for roots.</param>
/// <param name="Sampling">May be asked to sample.</param>
/// <param name="Elicitation">May be asked by form.</param>
/// <param name="ElicitationUrl">May be asked to open a URL.</param>
public sealed record ClientCapabilities(bool Roots, bool Sampling, bool Elicitation, bool ElicitationUrl)
{
    /// <summary>Can be asked nothing.</summary>
    public static ClientCapabilities None { get; } = new(false, false, false, false);

    /// <summary>Can be asked everything we know of.</summary>
    public static ClientCapabilities All { get; } = new(true, true, true, true);

    /// <summary>Reads a capabilities object; what is not an object declares nothing.</summary>
    public static ClientCapabilities Parse(ReadOnlySpan<byte> json)
    {
        ReadOnlySpan<byte> elicitation = json[RawJson.Find(json, "elicitation"u8)];
        bool url = !elicitation[RawJson.Find(elicitation, "url"u8)].IsEmpty;
        bool form = !elicitation[RawJson.Find(elicitation, "form"u8)].IsEmpty;
        return new ClientCapabilities(
            !json[RawJson.Find(json, "roots"u8)].IsEmpty,
            !json[RawJson.Find(json, "sampling"u8)].IsEmpty,
            // MCP 2025-11-25: an empty object means form mode, as it did in 2025-06-18.
            !elicitation.IsEmpty && (form || !url),
            url);
    }

    /// <summary>Whether a backend can ask this client anything at all.</summary>
    public bool Any => Roots || Sampling || Elicitation || ElicitationUrl;

    /// <summary>Whether this request of a backend may be shown to the client.</summary>
    public bool Allows(string method, ReadOnlySpan<byte> parameters) => method switch
    {
        Methods.RootsList => Roots,
        Methods.Sampling => Sampling,
        Methods.Elicitation => IsUrlMode(parameters) ? ElicitationUrl : Elicitation,
        _ => false,
    };

    /// <summary>The <c>requiredCapabilities</c> of the error that says what is missing (MCP 2026-07-28, −32021).</summary>
    public static byte[] Required(string method, ReadOnlySpan<byte> parameters) => method switch
    {
        Methods.RootsList => """{"requiredCapabilities":{"roots":{}}}"""u8.ToArray(),
        Methods.Sampling => """{"requiredCapabilities":{"sampling":{}}}"""u8.ToArray(),
        _ when IsUrlMode(parameters) => """{"requiredCapabilities":{"elicitation":{"url":{}}}}"""u8.ToArray(),
        _ => """{"requiredCapabilities":{"elicitation":{}}}"""u8.ToArray(),
    };

    /// <summary>The flags as a capabilities object.</summary>
    public byte[] ToJson()
    {
        List<string> members = [];
        if (Roots)
            members.Add("\"roots\":{}");
        if (Sampling)
            members.Add("\"sampling\":{}");
        if (Elicitation || ElicitationUrl)
            members.Add($"\"elicitation\":{{{(Elicitation ? "\"form\":{}" : "")}{(Elicitation && ElicitationUrl ? "," : "")}{(ElicitationUrl ? "\"url\":{}" : "")}}}");
        return Encoding.UTF8.GetBytes("{" + string.Join(',', members) + "}");
    }

    private static bool IsUrlMode(ReadOnlySpan<byte> parameters) =>
        RawJson.ReadString(parameters[RawJson.Find(parameters, "mode"u8)]) == "url";
}
