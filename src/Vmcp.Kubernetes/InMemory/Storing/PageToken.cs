using System.Buffers.Text;
using System.Text;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.InMemory.Storing;

/// <summary>Where a list goes on: its version and the last object given.</summary>
internal static class PageToken
{
    public static string Of(long version, ObjectKey last) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{version}|{last.Namespace}|{last.Name}"));

    /// <summary>Reads a token.</summary>
    /// <exception cref="Api.KubeException">We never gave it.</exception>
    public static (long Version, ObjectKey? After) Read(ClusterRequest request, string token)
    {
        byte[] bytes = new byte[Base64Url.GetMaxDecodedLength(token.Length)];
        if (Base64Url.TryDecodeFromChars(token, bytes, out int length))
        {
            string[] parts = Encoding.UTF8.GetString(bytes, 0, length).Split('|');
            if (parts.Length == 3 && VersionText.TryRead(parts[0], out long version))
                return (version, new ObjectKey(parts[1], parts[2]));
        }

        throw Answers.Invalid(request, "continue key is not valid");
    }
}
