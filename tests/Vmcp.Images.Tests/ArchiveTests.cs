using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;

namespace Vmcp.Images.Tests;

/// <summary>The archive is a valid OCI layout, and the same input gives the same bytes.</summary>
public sealed class ArchiveTests
{
    private static readonly Dictionary<string, byte[]> Files = Read(Write("vmcp"));

    [Fact]
    public void The_same_input_gives_the_same_bytes() => Write("vmcp").ShouldBe(Write("vmcp"));

    [Fact]
    public void Every_blob_is_named_by_its_digest()
    {
        string[] blobs = [.. Files.Keys.Where(f => f.StartsWith("blobs/sha256/", StringComparison.Ordinal))];

        blobs.Length.ShouldBe(4); // manifest, config, two layers
        foreach (string blob in blobs)
            OciArchive.Digest(Files[blob]).ShouldBe("sha256:" + blob["blobs/sha256/".Length..]);
        Json(Files["oci-layout"])["imageLayoutVersion"]!.GetValue<string>().ShouldBe("1.0.0");
    }

    [Fact]
    public void The_index_leads_to_the_manifest_and_from_there_to_config_and_layers()
    {
        JsonNode index = Json(Files["index.json"]);
        JsonNode entry = index["manifests"]![0]!;
        JsonNode manifest = Json(Blob(entry));
        JsonNode config = Json(Blob(manifest["config"]!));

        index["mediaType"]!.GetValue<string>().ShouldBe("application/vnd.oci.image.index.v1+json");
        entry["mediaType"]!.GetValue<string>().ShouldBe("application/vnd.oci.image.manifest.v1+json");
        entry["annotations"]!["org.opencontainers.image.ref.name"]!.GetValue<string>().ShouldBe("1.2.3");
        manifest["config"]!["mediaType"]!.GetValue<string>().ShouldBe("application/vnd.oci.image.config.v1+json");
        JsonArray layers = manifest["layers"]!.AsArray();
        layers.Count.ShouldBe(2);
        for (int i = 0; i < layers.Count; i++)
        {
            layers[i]!["mediaType"]!.GetValue<string>().ShouldBe("application/vnd.oci.image.layer.v1.tar+gzip");
            OciArchive.Digest(Unzip(Blob(layers[i]!))).ShouldBe(config["rootfs"]!["diff_ids"]![i]!.GetValue<string>());
        }
    }

    [Fact]
    public void A_container_runs_the_program_as_a_user_by_number()
    {
        JsonNode config = Json(Blob(Json(Blob(Json(Files["index.json"])["manifests"]![0]!))["config"]!));

        config["os"]!.GetValue<string>().ShouldBe("linux");
        config["architecture"]!.GetValue<string>().ShouldBe("amd64");
        config["config"]!["User"]!.GetValue<string>().ShouldBe("1000:1000");
        config["config"]!["Entrypoint"]!.AsArray().Select(e => e!.GetValue<string>()).ShouldBe(["/app/vmcp"]);
        config["config"]!["Env"]!.AsArray().Select(e => e!.GetValue<string>()).ShouldBe(ImageConfig.Environment);
    }

    [Fact]
    public void Files_belong_to_root_and_nobody_may_write_them()
    {
        byte[] layer = Unzip(Blob(Json(Blob(Json(Files["index.json"])["manifests"]![0]!))["layers"]![1]!));
        using TarReader reader = new(new MemoryStream(layer));
        List<string> names = [];
        while (reader.GetNextEntry() is { } entry)
        {
            names.Add(entry.Name);
            (entry.Uid, entry.Gid).ShouldBe((0, 0));
            entry.ModificationTime.ShouldBe(DateTimeOffset.UnixEpoch);
            if (entry.EntryType == TarEntryType.RegularFile)
                (entry.Mode & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)).ShouldBe(UnixFileMode.None);
        }

        names.ShouldBe(["app/", "app/lib.dll", "app/vmcp"]);
    }

    private static byte[] Write(string program)
    {
        Layer below = new();
        below.File("etc/passwd", "x"u8.ToArray());
        below.Folder("tmp");
        Layer app = new();
        app.File("app/" + program, "#!"u8.ToArray(), executable: true);
        app.File("app/lib.dll", "lib"u8.ToArray());
        using MemoryStream stream = new();
        OciArchive.Write(stream, program + ":1.2.3", ImageConfig.Build(program, "1.2.3", DateTimeOffset.UnixEpoch), [below.Build(), app.Build()]);
        return stream.ToArray();
    }

    private static Dictionary<string, byte[]> Read(byte[] archive)
    {
        Dictionary<string, byte[]> files = [];
        using TarReader reader = new(new MemoryStream(archive));
        while (reader.GetNextEntry(copyData: true) is { } entry)
        {
            using MemoryStream content = new();
            entry.DataStream!.CopyTo(content);
            files.Add(entry.Name, content.ToArray());
        }

        return files;
    }

    private static byte[] Blob(JsonNode descriptor)
    {
        byte[] content = Files["blobs/" + descriptor["digest"]!.GetValue<string>().Replace(':', '/')];
        content.Length.ShouldBe(descriptor["size"]!.GetValue<int>());
        return content;
    }

    private static byte[] Unzip(byte[] layer)
    {
        using GZipStream gzip = new(new MemoryStream(layer), CompressionMode.Decompress);
        using MemoryStream plain = new();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    private static JsonNode Json(byte[] text) => JsonNode.Parse(text)!;
}
