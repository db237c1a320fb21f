using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Vmcp.Kubernetes.Config;

/// <summary>Certificates and keys in PEM, from files and from <c>-data</c> fields. <c>where</c> is the entry and field for messages.</summary>
internal static class Certificates
{
    private const int MaxBytes = 1 << 20;

    /// <summary>A small file as text.</summary>
    public static string Text(string path, string where)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using MemoryStream kept = new();
            byte[] buffer = new byte[16 * 1024];
            int read;
            while ((read = file.Read(buffer)) > 0)
            {
                kept.Write(buffer, 0, read);
                if (kept.Length > MaxBytes)
                    throw new KubeConfigException($"{where}: {path} is larger than 1 MiB");
            }

            return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"{where}: {path} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The text in a base64 field.</summary>
    public static string Data(string base64, string where)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException e)
        {
            throw new KubeConfigException($"{where} is not base64", e);
        }
    }

    public static X509Certificate2Collection AuthoritiesFile(string path, string where) => Authorities(Text(path, where), $"{where} ({path})");

    public static X509Certificate2Collection Authorities(string pem, string where)
    {
        X509Certificate2Collection found = [];
        try
        {
            found.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new KubeConfigException($"{where} is not a PEM certificate: {e.Message}", e);
        }

        return found.Count > 0 ? found : throw new KubeConfigException($"{where} holds no PEM certificate");
    }

    /// <summary>Our certificate with its key, and what stands after it in the same text.</summary>
    public static (X509Certificate2 Own, X509Certificate2Collection Chain) Client(string certificate, string key, string where)
    {
        try
        {
            X509Certificate2 own = X509Certificate2.CreateFromPem(certificate, key);
            if (OperatingSystem.IsWindows())
            {
                // Schannel refuses a key that lives in memory only.
                X509Certificate2 stored = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pkcs12), null);
                own.Dispose();
                own = stored;
            }

            X509Certificate2Collection chain = [];
            chain.ImportFromPem(certificate);
            if (chain.Count > 0)
                chain.RemoveAt(0);
            return (own, chain);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new KubeConfigException($"{where}: certificate and key are no PEM pair: {e.Message}", e);
        }
    }
}
