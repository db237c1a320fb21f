namespace Vmcp.Kubernetes.Config;

/// <summary>A bearer token that may change while we run. Safe for many threads.</summary>
public sealed class TokenSource
{
    // A projected token is replaced at 80 % of its life, minutes before the old one ends; ten seconds of the old one are harmless.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly string? _path;
    private readonly TimeProvider _time;
    private string? _token;
    private long? _readAt;

    private TokenSource(string? path, string? token, TimeProvider time)
    {
        _path = path;
        _token = token;
        _time = time;
    }

    /// <summary>A token that stays.</summary>
    public static TokenSource Fixed(string token) => new(null, token, TimeProvider.System);

    /// <summary>A token in a file that somebody else replaces; read again when ten seconds old.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fallback">Shown while the file cannot be read for the first time, or null.</param>
    /// <param name="time">The clock.</param>
    public static TokenSource OfFile(string path, string? fallback, TimeProvider time) => new(path, fallback, time);

    /// <summary>The token to show now.</summary>
    /// <exception cref="KubeConfigException">The file was never readable.</exception>
    public string Current()
    {
        lock (_lock)
        {
            if (_path is null || (_readAt is { } at && _time.GetElapsedTime(at) < Fresh))
                return _token!;
            try
            {
                string text = Certificates.Text(_path, "token file").Trim();
                if (text.Length == 0)
                    throw new KubeConfigException($"token file: {_path} is empty");
                _token = text;
            }
            catch (KubeConfigException) when (_token is not null)
            {
                // Between two versions of a mounted file there may be none for a moment; the last one is good for minutes.
            }

            _readAt = _time.GetTimestamp();
            return _token!;
        }
    }

    /// <summary>The server refused this token: look at the file again before the next request. True when there now is another one.</summary>
    public bool Refused(string token)
    {
        lock (_lock)
        {
            if (_path is null)
                return false;
            if (_token == token)
                _readAt = null;
        }

        return Current() != token;
    }
}
