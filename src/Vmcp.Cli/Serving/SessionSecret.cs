namespace Vmcp.Cli.Serving;

/// <summary>Reads the key of session ids that replicas share.</summary>
internal static class SessionSecret
{
    /// <summary>The environment variable: base64 of at least 32 bytes.</summary>
    public const string Variable = "VMCP_SESSION_HMAC_SECRET";

    private const int MinBytes = 32;

    /// <summary>
    /// Reads the variable. Not set is fine and gives null: ids then end with the process. Set but unusable, also set but empty, is an error:
    /// falling back to a random key would silently break the sessions of all other replicas.
    /// </summary>
    public static byte[]? Read(Func<string, string?> env, out string? problem)
    {
        problem = null;
        if (env(Variable) is not { } text)
            return null;
        byte[] buffer = new byte[text.Length];
        if (text.Length > 0 && Convert.TryFromBase64String(text, buffer, out int count) && count >= MinBytes)
            return buffer[..count];
        problem = $"{Variable} must be the base64 text of at least {MinBytes} random bytes; make one with: openssl rand -base64 {MinBytes}";
        return null;
    }
}
