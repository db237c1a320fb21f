using Vmcp.KubeKit.Kubelet;

namespace Vmcp.E2E.World;

/// <summary>The programs behind the images of <c>deploy/operator</c>: those built here. A pod's own address takes the place of all addresses.</summary>
internal static class Programs
{
    public static ProgramStart Of(ContainerStart container) => container.Image.Split(':')[0] switch
    {
        "vmcp" => Exec("vmcp.dll", container.Arguments.Select(a => a == "--host=0.0.0.0" ? $"--host={container.Address}" : a)),
        "vmcp-operator" => Exec(
            "vmcp-operator.dll",
            [.. container.Arguments, $"--metrics-bind-address={container.Address}:8080", $"--health-probe-bind-address={container.Address}:8081"]),
        _ => throw new NotSupportedException($"there is no program for image {container.Image}"),
    };

    private static ProgramStart Exec(string program, IEnumerable<string> arguments) =>
        new("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, program), .. arguments]);
}
