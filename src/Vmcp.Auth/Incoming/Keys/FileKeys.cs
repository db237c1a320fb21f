namespace Vmcp.Auth.Incoming.Keys;

/// <summary>Keys from a file, for a process without a way to the provider: a ConfigMap with the public keys of a cluster.</summary>
/// <param name="path">Absolute path of the file; looked at anew each time, as a mounted ConfigMap changes by a swapped link.</param>
internal sealed class FileKeys(string path) : IKeySource
{
    private const int MaxBytes = 1024 * 1024;

    /// <inheritdoc />
    public TimeSpan Interval => TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public TimeSpan Floor => TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    public async Task<KeyFetch> FetchAsync(CancellationToken cancellationToken)
    {
        byte[] document;
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                return new KeyFetch.Failed($"incomingAuth.oidc.jwksFile: the file is larger than {MaxBytes} bytes.");
            document = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new KeyFetch.Failed("incomingAuth.oidc.jwksFile: the file cannot be read.");
        }

        return KeySetReader.Read(document, out string? problem) is { } keys
            ? new KeyFetch.Fetched(keys)
            : new KeyFetch.Failed($"incomingAuth.oidc.jwksFile: the file holds {problem}.");
    }

    /// <inheritdoc />
    public void Dispose()
    {
    }
}
