using System.Text.Json.Nodes;

namespace Vmcp.Images;

/// <summary>How a container of an image starts; the Dockerfile and the Deployments say the same, and a test compares them.</summary>
public static class ImageConfig
{
    /// <summary>User and group, as numbers: <c>runAsNonRoot</c> cannot judge names.</summary>
    public const string User = "1000:1000";

    /// <summary>The environment: nothing is written beside the program, no diagnostic port is opened in a read-only root.</summary>
    public static IReadOnlyList<string> Environment { get; } =
    [
        "PATH=/app",
        "DOTNET_EnableDiagnostics=0",
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=true",
        "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
    ];

    /// <summary>The command that a container runs; the Deployments add arguments only.</summary>
    public static string Entrypoint(string program) => "/app/" + program;

    /// <summary>The OCI image config without its root file system.</summary>
    public static JsonObject Build(string program, string version, DateTimeOffset created) => new()
    {
        ["created"] = created.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        ["architecture"] = "amd64",
        ["os"] = "linux",
        ["config"] = new JsonObject
        {
            ["User"] = User,
            ["Env"] = new JsonArray([.. Environment.Select(e => (JsonNode)e)]),
            ["Entrypoint"] = new JsonArray(Entrypoint(program)),
            ["WorkingDir"] = "/app",
            ["Labels"] = new JsonObject
            {
                ["org.opencontainers.image.title"] = program,
                ["org.opencontainers.image.version"] = version,
                ["org.opencontainers.image.licenses"] = "Apache-2.0",
            },
        },
    };
}
