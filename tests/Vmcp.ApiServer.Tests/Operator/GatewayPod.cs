using System.Net;
using System.Text;
using System.Text.Json;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.ApiServer.Tests.Operator;

/// <summary>
/// The real gateway, started as the operator's Deployment says: its arguments, its variables with the Secrets behind them, and the mounted
/// ConfigMap; on a loopback address of its own instead of all addresses of a pod.
/// </summary>
internal static class GatewayPod
{
    public static async Task<TestProcess> StartAsync(OperatorWorld world, string server, IPAddress address)
    {
        KubeObject deployment = await world.FindAsync(BuiltIn.Deployment, server) ?? throw new InvalidOperationException($"no Deployment {server}");
        JsonElement pod = deployment.At("spec", "template", "spec")!.Value;
        JsonElement container = pod.GetProperty("containers").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "vmcp");
        string config = await MountAsync(world, $"{server}-vmcp-config");
        string[] arguments =
        [
            .. container.GetProperty("args").EnumerateArray().Select(a => a.GetString()!)
                .Select(a => a == "--host=0.0.0.0" ? $"--host={address}" : a.StartsWith("--config=", StringComparison.Ordinal) ? $"--config={config}" : a),
        ];
        return TestProcess.Start(
            "dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "vmcp.dll"), .. arguments], await VariablesAsync(world, container));
    }

    private static async Task<string> MountAsync(OperatorWorld world, string configMap)
    {
        KubeObject map = (await world.FindAsync(BuiltIn.ConfigMap, configMap))!;
        string folder = Directory.CreateDirectory(Path.Combine(world.Server.Folder, $"mount-{Guid.NewGuid():N}")).FullName;
        foreach (JsonProperty file in map.At("data")!.Value.EnumerateObject())
            await File.WriteAllTextAsync(Path.Combine(folder, file.Name), file.Value.GetString());
        return Path.Combine(folder, "config.yaml");
    }

    private static async Task<Dictionary<string, string?>> VariablesAsync(OperatorWorld world, JsonElement container)
    {
        Dictionary<string, string?> variables = [];
        foreach (JsonElement variable in container.GetProperty("env").EnumerateArray())
        {
            string name = variable.GetProperty("name").GetString()!;
            if (variable.TryGetProperty("value", out JsonElement text))
            {
                // Dependent variables, as the kubelet expands those defined before (core/v1 EnvVar).
                variables[name] = variables.Aggregate(text.GetString()!, (t, v) => t.Replace($"$({v.Key})", v.Value, StringComparison.Ordinal));
                continue;
            }

            JsonElement reference = variable.GetProperty("valueFrom").GetProperty("secretKeyRef");
            KubeObject? secret = await world.FindAsync(BuiltIn.Secret, reference.GetProperty("name").GetString()!);
            if (secret?.At("data", reference.GetProperty("key").GetString()!)?.GetString() is { } value)
                variables[name] = Encoding.UTF8.GetString(Convert.FromBase64String(value));
            else if (!reference.TryGetProperty("optional", out JsonElement optional) || !optional.GetBoolean())
                throw new InvalidOperationException($"the pod would not start: variable {name} has no Secret");
        }

        return variables;
    }
}
