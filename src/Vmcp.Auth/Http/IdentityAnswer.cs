namespace Vmcp.Auth.Http;

/// <summary>What came of asking an identity provider.</summary>
public abstract record IdentityAnswer
{
    private IdentityAnswer()
    {
    }

    /// <summary>It answered, with whatever status.</summary>
    /// <param name="Status">The HTTP status; never a 5xx while a retry was left.</param>
    /// <param name="Body">The whole body.</param>
    public sealed record Answered(int Status, ReadOnlyMemory<byte> Body) : IdentityAnswer
    {
        /// <summary>Whether the status is 2xx.</summary>
        public bool IsSuccess => Status is >= 200 and < 300;

        /// <summary>How long the answer may be kept (<c>Cache-Control: max-age</c>); null when it does not say.</summary>
        public TimeSpan? MaxAge { get; init; }

        /// <summary>When to ask again, when it says so.</summary>
        public TimeSpan? RetryAfter { get; init; }
    }

    /// <summary>It gave no usable answer, after all retries.</summary>
    /// <param name="Reason">A clause that fits behind the provider's name; holds no address and no foreign text.</param>
    public sealed record Unreachable(string Reason) : IdentityAnswer;
}
