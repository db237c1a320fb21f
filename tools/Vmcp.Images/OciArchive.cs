using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Vmcp.Images;

/// <summary>Writes an OCI image layout as one tar: what <c>skopeo copy oci-archive:…</c>, <c>podman load</c> and <c>docker load</c> read.</summary>
public static class OciArchive
{
    private const UnixFileMode FileMode644 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes the archive; gives the digest of its manifest. The same config and layers give the same bytes.</summary>
    /// <param name="output">Takes the archive.</param>
    /// <param name="reference">The name and tag that a loading engine gives the image, as <c>vmcp:0.1.0</c>.</param>
    /// <param name="config">The image config; its root file system is filled in here.</param>
    /// <param name="layers">From the lowest.</param>
    public static string Write(Stream output, string reference, JsonObject config, IReadOnlyList<LayerBlob> layers)
    {
        config["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray([.. layers.Select(l => (JsonNode)l.DiffId)]) };
        SortedDictionary<string, byte[]> blobs = new(StringComparer.Ordinal);
        JsonObject Add(string mediaType, byte[] content)
        {
            string digest = Digest(content);
            blobs["blobs/sha256/" + digest["sha256:".Length..]] = content;
            return new JsonObject { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = content.Length };
        }

        JsonObject manifest = new()
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
            ["config"] = Add("application/vnd.oci.image.config.v1+json", Bytes(config)),
            ["layers"] = new JsonArray([.. layers.Select(l => (JsonNode)Add("application/vnd.oci.image.layer.v1.tar+gzip", l.Compressed))]),
        };
        JsonObject entry = Add("application/vnd.oci.image.manifest.v1+json", Bytes(manifest));
        string tag = reference[(reference.LastIndexOf(':') + 1)..];
        entry["platform"] = new JsonObject { ["architecture"] = "amd64", ["os"] = "linux" };
        // The second is what docker and containerd name the image by.
        entry["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = tag, ["io.containerd.image.name"] = "docker.io/library/" + reference };
        JsonObject index = new()
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = "application/vnd.oci.image.index.v1+json",
            ["manifests"] = new JsonArray(entry),
        };
        blobs["index.json"] = Bytes(index);
        blobs["oci-layout"] = Bytes(new JsonObject { ["imageLayoutVersion"] = "1.0.0" });

        using TarWriter tar = new(output, TarEntryFormat.Ustar, leaveOpen: true);
        foreach ((string path, byte[] content) in blobs)
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path)
            {
                Mode = FileMode644,
                ModificationTime = DateTimeOffset.UnixEpoch,
                DataStream = new MemoryStream(content),
            });
        }

        return entry["digest"]!.GetValue<string>();
    }

    /// <summary>The digest of a blob, as OCI writes it.</summary>
    public static string Digest(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());
}
