using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Vmcp.Fixture.Calls;

/// <summary>Signs what a modern call remembers between its rounds, and refuses what it did not sign.</summary>
internal sealed class RequestState
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    public string Seal(string call, JsonObject answers)
    {
        JsonObject state = new()
        {
            ["call"] = call,
            ["answers"] = answers.DeepClone(),
            // Two rounds must differ even when nothing was answered in between.
            ["nonce"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(8)),
        };
        string body = Convert.ToBase64String(Encoding.UTF8.GetBytes(state.ToJsonString()));
        return $"{body}.{Sign(body)}";
    }

    /// <summary>The answers inside; -32602 when the text is not ours or belongs to another call.</summary>
    public JsonObject Open(string call, string text)
    {
        string[] parts = text.Split('.');
        if (parts.Length == 2 && parts[1] == Sign(parts[0]))
        {
            JsonObject state = Rpc.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(parts[0])));
            if (state["call"].Text() == call)
                return state["answers"]!.DeepClone().AsObject();
        }

        throw RpcException.BadParams("requestState was not issued by this server for this call");
    }

    private string Sign(string body) => Convert.ToHexString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(body)));
}
