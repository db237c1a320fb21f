using System.Collections.Immutable;

using Vmcp.Config.Model;

namespace Vmcp.Cli.Backends;

/// <summary>The starter file of <c>vmcp init</c>.</summary>
internal static class StarterFile
{
    /// <summary>The file's text; the same backends give the same bytes in whatever order they come.</summary>
    public static string Text(ImmutableArray<BackendConfig> backends) => $$"""
        # Configuration of vmcp, one MCP endpoint over many MCP servers.
        #   check it:  vmcp validate -c THIS_FILE
        #   run it:    vmcp serve -c THIS_FILE
        # A running vmcp takes over an edit within seconds. An edit with a mistake changes nothing; the log and `vmcp status` say why.

        # The name clients see.
        name: vmcp

        # A label for the status page. In a cluster: the group the servers belong to.
        groupRef: default

        # The MCP servers. transport is streamable-http or sse.
        {{BackendConfigText.WriteSection(backends).TrimEnd('\n')}}

        # Who may come in. anonymous: everybody who reaches the address, which is this machine only unless --host says otherwise.
        # For others: who has a token of your provider (docs/authentication.md).
        #   type: oidc
        #   oidc:
        #     issuer: https://idp.example
        #     audience: vmcp
        #     resource: https://mcp.example.com/mcp
        incomingAuth:
          type: anonymous

        # With which credentials the servers are called. A token from the environment for one of them:
        #   backends:
        #     {{backends.Select(b => b.Name!).Min(StringComparer.Ordinal)}}:
        #       type: header_injection
        #       headerInjection:
        #         headerName: Authorization
        #         headerValueEnv: MY_TOKEN
        outgoingAuth:
          source: inline
          default:
            type: unauthenticated

        # How tool names are kept apart. prefix: "notes" and "add" become notes_add. priority: the first server in priorityOrder wins.
        # manual: names are kept, and every clash must be solved by an override.
        aggregation:
          conflictResolution: prefix
          conflictResolutionConfig:
            prefixFormat: "{workload}_"

        # Deadlines and health checks; these are the defaults.
        operational:
          timeouts:
            default: 30s
          failureHandling:
            healthCheckInterval: 30s
            healthCheckTimeout: 10s
            unhealthyThreshold: 3
            partialFailureMode: best_effort
            circuitBreaker:
              enabled: false
              failureThreshold: 5
              timeout: 60s

        """.ReplaceLineEndings("\n");

    /// <summary>Writes the file whole or not at all, readable by its owner only (it may later hold secrets). Gives what went wrong, or null.</summary>
    public static string? Save(string path, string text, bool replace)
    {
        string? temporary = null;
        try
        {
            string full = Path.GetFullPath(path);
            if (!replace && Path.Exists(full))
                return $"{path} exists already; choose another file, or replace it with --force";
            temporary = $"{full}.{Guid.NewGuid():N}.tmp";
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (StreamWriter writer = new(temporary, options))
                writer.Write(text);
            File.Move(temporary, full, replace);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
            return $"{path} cannot be written: {e.Message}";
        }
    }
}
