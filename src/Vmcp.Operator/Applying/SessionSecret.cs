using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Operator.Applying;

/// <summary>The session key of one server, as Secret <c>N-hmac-secret</c> carries it: base64 text of 32 random bytes (operator.md 2.8).</summary>
internal static class SessionSecret
{
    /// <summary>The key in <c>data</c>.</summary>
    public const string Key = "hmac-secret";

    private const int Length = 32;

    /// <summary>The planned Secret with a fresh random key in it.</summary>
    public static JsonObject Fill(JsonObject planned)
    {
        JsonObject body = planned.DeepClone().AsObject();
        Span<byte> random = stackalloc byte[Length];
        RandomNumberGenerator.Fill(random);
        string text = Convert.ToBase64String(random);
        if (body["data"] is not JsonObject data)
            body["data"] = data = [];
        data[Key] = Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
        return body;
    }

    /// <summary>What is wrong with a stored one, or null; the sentence names no value.</summary>
    public static string? Defect(KubeObject secret)
    {
        string name = $"Secret \"{secret.Meta.Name}\"";
        if (secret.At("data", Key) is not { ValueKind: JsonValueKind.String } value)
            return $"{name} has no key \"{Key}\". Delete the Secret to have a new one made; open sessions then end.";
        try
        {
            string text = Encoding.ASCII.GetString(Convert.FromBase64String(value.GetString()!)).Trim();
            byte[] bytes = Convert.FromBase64String(text);
            bool good = bytes.Length == Length && bytes.AsSpan().ContainsAnyExcept((byte)0);
            CryptographicOperations.ZeroMemory(bytes);
            if (good)
                return null;
        }
        catch (FormatException)
        {
            // Told below: what it is instead must not be shown.
        }

        return $"{name}, key \"{Key}\", is not the base64 text of {Length} random bytes. Delete the Secret to have a new one made; open sessions then end.";
    }
}
