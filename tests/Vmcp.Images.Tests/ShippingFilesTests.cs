using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Vmcp.Images.Tests;

/// <summary>The Dockerfile, the workflows and the Deployments say what the images say, and name only what exists.</summary>
public sealed partial class ShippingFilesTests
{
    private static readonly string Root = FindRoot();

    public static TheoryData<string> Workflows => [.. Directory.EnumerateFiles(Path.Combine(Root, ".github/workflows"), "*.yml").Select(f => Path.GetFileName(f)!)];

    [Theory]
    [InlineData("vmcp", "src/Vmcp.Cli")]
    [InlineData("vmcp-operator", "src/Vmcp.Operator.Host")]
    public void The_Dockerfile_and_the_project_run_what_the_image_config_runs(string program, string project)
    {
        string docker = Text("Dockerfile");
        string file = Text(Directory.EnumerateFiles(Path.Combine(Root, project), "*.csproj").Single());

        docker.ShouldContain($"USER {ImageConfig.User}\n");
        docker.ShouldContain($"ENTRYPOINT [\"{ImageConfig.Entrypoint(program)}\"]\n");
        docker.ShouldContain("ENV DOTNET_EnableDiagnostics=0\n");
        docker.ShouldContain($"RUN dotnet publish {project} ");
        ImageConfig.Environment.ShouldContain("DOTNET_EnableDiagnostics=0");
        file.ShouldContain($"<ContainerUser>{ImageConfig.User}</ContainerUser>");
        file.ShouldContain($"<ContainerAppCommand Include=\"{ImageConfig.Entrypoint(program)}\" />");
        file.ShouldContain($"<ContainerRepository>{program}</ContainerRepository>");
        file.ShouldContain("<ContainerEnvironmentVariable Include=\"DOTNET_EnableDiagnostics\" Value=\"0\" />");
    }

    [Fact]
    public void The_Dockerfile_names_folders_that_exist()
    {
        foreach (Match path in Published().Matches(Text("Dockerfile")))
            Directory.Exists(Path.Combine(Root, path.Groups[1].Value)).ShouldBeTrue(path.Value);
    }

    [Fact]
    public void Pods_run_as_the_user_of_the_images()
    {
        string user = ImageConfig.User.Split(':')[0];

        Text("deploy/operator/base/deployment.yaml").ShouldContain($"runAsUser: {user}\n");
        Text("src/Vmcp.Operator/Planning/Objects/PodTemplate.cs").ShouldContain($"UserId = {user};");
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void A_workflow_pins_its_actions_and_names_what_exists(string name)
    {
        string text = Text(Path.Combine(".github/workflows", name));
        YamlStream yaml = [];
        yaml.Load(new StringReader(text));
        var root = (YamlMappingNode)yaml.Documents.Single().RootNode;
        YamlMappingNode[] steps =
        [
            .. ((YamlMappingNode)root["jobs"]).Children.Values.SelectMany(job => (YamlSequenceNode)job["steps"]).Cast<YamlMappingNode>(),
        ];

        string[] keys = [.. root.Children.Keys.Select(k => ((YamlScalarNode)k).Value!)];
        ((string[])["name", "on", "permissions", "jobs"]).Except(keys).ShouldBeEmpty(name);
        string makefile = Text("Makefile");
        foreach (YamlMappingNode step in steps)
        {
            if (Scalar(step, "uses") is { } action)
                action.ShouldMatch(@"^[a-z-]+/[a-z-]+@v\d+\.\d+\.\d+$");
            string run = Scalar(step, "run") ?? "";
            foreach (Match target in Target().Matches(run))
                makefile.ShouldMatch($"(?m)^{target.Groups[1].Value}:", target.Value);
            foreach (Match path in Named().Matches(run))
                (File.Exists(Path.Combine(Root, path.Value)) || Directory.Exists(Path.Combine(Root, path.Value))).ShouldBeTrue(path.Value);
        }

        steps.Length.ShouldBeGreaterThan(2);
    }

    private static string? Scalar(YamlMappingNode step, string key) => step.Children.TryGetValue(key, out YamlNode? value) ? ((YamlScalarNode)value).Value : null;

    private static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Vmcp.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the repository is not above the tests");
    }

    [GeneratedRegex(@"dotnet publish (\S+)")]
    private static partial Regex Published();

    [GeneratedRegex(@"(?m)\bmake ([a-z-]+)")]
    private static partial Regex Target();

    /// <summary>Folders and files of the repository; the chart's own step looks whether it is there.</summary>
    [GeneratedRegex(@"(?<![\w/])(?:deploy/(?!chart)[\w/.-]+|\.ci/\w+)")]
    private static partial Regex Named();
}
