namespace Vmcp.Discovery.Manifests;

/// <summary>Manifests that cannot be read; the message begins with file and line where there is one, and holds no value of a Secret.</summary>
public sealed class ManifestException : Exception
{
    /// <summary>Without a message.</summary>
    public ManifestException()
    {
    }

    /// <summary>With what is wrong.</summary>
    public ManifestException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and what showed it.</summary>
    public ManifestException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
