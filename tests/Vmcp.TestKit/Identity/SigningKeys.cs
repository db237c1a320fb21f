using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Vmcp.TestKit;

/// <summary>One key of an authorization server, used with one algorithm.</summary>
internal sealed class SigningKey : IDisposable
{
    private readonly RSA? _rsa;
    private readonly ECDsa? _ec;

    private SigningKey(string algorithm, string keyId, RSA? rsa, ECDsa? ec)
    {
        Algorithm = algorithm;
        KeyId = keyId;
        _rsa = rsa;
        _ec = ec;
    }

    public string Algorithm { get; }

    public string KeyId { get; }

    /// <summary>The public half in PEM: what an attacker knows too.</summary>
    public string PublicPem => ((AsymmetricAlgorithm?)_rsa ?? _ec!).ExportSubjectPublicKeyInfoPem();

    /// <summary>A new key. An RSA one of the given <paramref name="rsa"/>, or of new numbers.</summary>
    public static SigningKey Create(string algorithm, string keyId, RSA? rsa = null) => algorithm switch
    {
        "RS256" or "PS256" => new SigningKey(algorithm, keyId, rsa ?? RSA.Create(2048), null),
        "ES256" => new SigningKey(algorithm, keyId, null, ECDsa.Create(ECCurve.NamedCurves.nistP256)),
        _ => throw new ArgumentException($"{algorithm}: only RS256, PS256 and ES256 have keys here", nameof(algorithm)),
    };

    public byte[] Sign(byte[] data) => _ec is not null
        ? _ec.SignData(data, HashAlgorithmName.SHA256)
        : _rsa!.SignData(data, HashAlgorithmName.SHA256, Padding);

    public bool Verify(byte[] data, byte[] signature) => _ec is not null
        ? _ec.VerifyData(data, signature, HashAlgorithmName.SHA256)
        : _rsa!.VerifyData(data, signature, HashAlgorithmName.SHA256, Padding);

    public JsonObject PublicJwk(bool withKeyId)
    {
        var jwk = new JsonObject { ["use"] = "sig", ["alg"] = Algorithm };
        if (withKeyId)
            jwk["kid"] = KeyId;
        if (_ec is not null)
        {
            ECParameters ec = _ec.ExportParameters(false);
            jwk["kty"] = "EC";
            jwk["crv"] = "P-256";
            jwk["x"] = Base64Url.EncodeToString(ec.Q.X);
            jwk["y"] = Base64Url.EncodeToString(ec.Q.Y);
        }
        else
        {
            RSAParameters rsa = _rsa!.ExportParameters(false);
            jwk["kty"] = "RSA";
            jwk["n"] = Base64Url.EncodeToString(rsa.Modulus);
            jwk["e"] = Base64Url.EncodeToString(rsa.Exponent);
        }

        return jwk;
    }

    public void Dispose()
    {
        _rsa?.Dispose();
        _ec?.Dispose();
    }

    private RSASignaturePadding Padding => Algorithm == "PS256" ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;
}

/// <summary>The keys of an authorization server: those it signs with and older ones it still publishes.</summary>
internal sealed class SigningKeys(IReadOnlyList<string> algorithms, bool withKeyIds) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<SigningKey> _published = [];
    private readonly List<SigningKey> _all = [];
    private Dictionary<string, SigningKey> _current = [];
    private int _generation;

    /// <summary>New keys for all algorithms; the old ones stay published or vanish.</summary>
    public void Rotate(bool keepOld)
    {
        int generation = Interlocked.Increment(ref _generation);
        // One pair of numbers for both RSA algorithms: finding primes is what takes the time of a test.
        RSA? rsa = algorithms.Any(a => a is "RS256" or "PS256") ? RSA.Create(2048) : null;
        var fresh = algorithms.ToDictionary(a => a, a => SigningKey.Create(a, $"{a}-{generation}", rsa));
        lock (_lock)
        {
            if (!keepOld)
                _published.Clear();
            _published.AddRange(fresh.Values);
            _all.AddRange(fresh.Values);
            _current = fresh;
        }
    }

    /// <summary>The key that signs now.</summary>
    public SigningKey Current(string algorithm)
    {
        lock (_lock)
        {
            return _current.TryGetValue(algorithm, out SigningKey? key)
                ? key
                : throw new ArgumentException($"This server has no {algorithm} key; it has {string.Join(", ", _current.Keys)}", nameof(algorithm));
        }
    }

    /// <summary>Whether one of the published keys made this signature.</summary>
    public bool Verify(string algorithm, string? keyId, byte[] data, byte[] signature)
    {
        lock (_lock)
            return _published.Any(k => k.Algorithm == algorithm && (keyId is null || k.KeyId == keyId) && k.Verify(data, signature));
    }

    /// <summary>RFC 7517: the published keys.</summary>
    public string Jwks()
    {
        lock (_lock)
            return new JsonObject { ["keys"] = new JsonArray([.. _published.Select(k => k.PublicJwk(withKeyIds))]) }.ToJsonString();
    }

    public void Dispose()
    {
        foreach (SigningKey key in _all)
            key.Dispose();
    }
}
