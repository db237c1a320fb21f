using System.Security.Cryptography;
using System.Text;

using Vmcp.Core.Identity;
using Vmcp.Gateway.Sessions;
using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Calls;

/// <summary>
/// The <c>requestState</c> of a Modern backend as a client holds it. Where callers prove who they are it is sealed with the caller and the
/// backend, for a backend that knows us by one credential cannot tell whose state comes back (auth-and-ops 8.3). Where nobody has to, everybody is
/// the same, and it travels untouched, so that replicas without a shared secret take it from each other.
/// </summary>
/// <param name="seal">Makes and opens what the client holds.</param>
public sealed class BackendStates(Seal seal)
{
    /// <summary>Longest state that is sealed or opened, in characters of its sealed form.</summary>
    private const int MaxLength = 1024 * 1024;

    /// <summary>The call as its backend is to see it; null when its state is not one that this caller was given for this backend.</summary>
    public RoutedCall? Open(RoutedCall call)
    {
        if (call.Caller.Token is null || !call.Envelope.Has(ParamKey.RequestState))
            return call;
        if (call.Envelope.Text(ParamKey.RequestState) is not { } text || seal.Open(text, MaxLength) is not { Length: > SHA256.HashSizeInBytes } payload
            || !CryptographicOperations.FixedTimeEquals(payload.AsSpan(0, SHA256.HashSizeInBytes), Digest(call)))
            return null;
        Range at = call.Envelope[ParamKey.RequestState];
        byte[] body = RawJson.Splice(call.Envelope.Body.Span, at.Start.Value, at.End.Value, payload.AsSpan(SHA256.HashSizeInBytes));
        return EnvelopeScanner.Scan(body, out _) is { } envelope ? call with { Envelope = envelope } : null;
    }

    /// <summary>The backend's answer as the client is to see it.</summary>
    public ReadOnlyMemory<byte> Close(RoutedCall call, BackendMessage answer)
    {
        ReadOnlySpan<byte> result = answer.Result.Span;
        if (call.Caller.Token is null || !RawJson.IsObject(result) || RawJson.ReadString(result[RawJson.Find(result, "resultType"u8)]) != "input_required")
            return answer.WithId(call.Id.Span);
        Range at = RawJson.Find(result, "requestState"u8);
        if (at.End.Value == 0)
            return answer.WithId(call.Id.Span);
        ReadOnlySpan<byte> state = result[at];
        if (state.Length > MaxLength / 2)
            return JsonRpc.Error(call.Id.Span, JsonRpcCodes.InternalError, $"Backend \"{call.Handle.Backend.Name}\" asks for input with a requestState that is too long.");
        string sealedState = seal.Close([.. Digest(call), .. state]);
        return JsonRpc.Result(call.Id.Span, RawJson.Splice(result, at.Start.Value, at.End.Value, RawJson.Quote(sealedState)));
    }

    private static byte[] Digest(RoutedCall call)
    {
        Principal principal = call.Principal;
        return SHA256.HashData(Encoding.UTF8.GetBytes($"{principal.Issuer}\0{principal.Subject}\0{call.Handle.Backend.Name}"));
    }
}
