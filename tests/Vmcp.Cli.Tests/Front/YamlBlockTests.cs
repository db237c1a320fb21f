using System.Text.Json.Nodes;
using Vmcp.Cli.Terminals;
using Vmcp.Kubernetes.Yaml;

namespace Vmcp.Cli.Tests.Front;

/// <summary>Each YAML block on a page is what it claims to be: a resource, a part of one, a gateway's configuration or a part of it, or a file of another program.</summary>
public sealed class YamlBlockTests
{
    private const string Group = "toolhive.stacklok.dev/";

    public static TheoryData<string, string> Blocks => [.. Pages.Blocks("yaml").Select(b => (b.Where, b.Block.Text))];

    [Theory]
    [MemberData(nameof(Blocks))]
    public async Task A_block_is_what_it_claims_to_be(string where, string text)
    {
        IReadOnlyList<YamlDocument> documents = KubeYaml.ReadAll(text, where);
        JsonObject first = documents[0].Body;
        if (first.ContainsKey("apiVersion"))
            await AreManifestsAsync(documents.Select(d => d.Body), where, text);
        else if (first.ContainsKey("spec"))
            Definition.ProblemsOfPart(first).ShouldBeEmpty(where);
        else if (first.ContainsKey("scrape_configs"))
            first["scrape_configs"]!.AsArray().ShouldAllBe(job => job!["job_name"] != null);
        else
            await IsConfigurationAsync(first, where);
    }

    private static async Task AreManifestsAsync(IEnumerable<JsonObject> manifests, string where, string text)
    {
        JsonObject[] ours = [.. manifests.Where(m => m["apiVersion"]!.GetValue<string>().StartsWith(Group, StringComparison.Ordinal))];
        foreach (JsonObject manifest in ours)
            Definition.Problems(manifest).ShouldBeEmpty(where);
        foreach (JsonObject other in manifests.Except(ours))
            other["kind"]!.GetValue<string>().ShouldBeOneOf(["Kustomization", "Secret", "ConfigMap"], where);
        if (ours.All(m => m["kind"]!.GetValue<string>() != "VirtualMCPServer"))
            return;
        using TempFolder folder = new();
        Ran plan = await Vmcp.RunAsync("plan", "-n", "tools", "-f", folder.Write("block.yaml", text));
        // 1: what the block refers to is not in it, and the plan says so. 2 would be a manifest that cannot be read.
        plan.ExitCode.ShouldBeLessThan(2, $"{where}: {plan.Error}");
    }

    /// <summary>A part of a configuration is judged in a whole one that has the backends it speaks of.</summary>
    private static async Task IsConfigurationAsync(JsonObject part, string where)
    {
        JsonObject whole = part.DeepClone().AsObject();
        whole.TryAdd("name", "page");
        string[] spokenOf =
        [
            .. (part["outgoingAuth"]?["backends"] as JsonObject ?? []).Select(b => b.Key),
            .. (part["aggregation"]?["tools"] as JsonArray ?? []).Select(t => t!["workload"]!.GetValue<string>()),
            .. (part["aggregation"]?["conflictResolutionConfig"]?["priorityOrder"] as JsonArray ?? []).Select(b => b!.GetValue<string>()),
        ];
        if (!whole.ContainsKey("backends"))
        {
            whole["backends"] = new JsonArray([.. spokenOf.Append("notes").Distinct().Select(name =>
                new JsonObject { ["name"] = name, ["url"] = $"http://127.0.0.1:9001/{name}", ["transport"] = "streamable-http" })]);
        }

        if (!whole.ContainsKey("incomingAuth"))
            whole["incomingAuth"] = JsonNode.Parse("""{"type":"oidc","oidc":{"issuer":"https://idp.example.com","audience":"page"}}""");
        using TempFolder folder = new();
        string file = folder.Write("vmcp.yaml", KubeYaml.Write(whole));
        Terminal terminal = new() { Out = new StringWriter(), Error = new StringWriter(), Env = ValueOf };

        Ran validate = await Vmcp.RunAsync(terminal, "validate", "-c", file);

        validate.ExitCode.ShouldBe(0, $"{where}: {validate.Out}{validate.Error}");
    }

    /// <summary>Whatever variable a block names is set; those the gateway looks for by itself are not.</summary>
    private static string? ValueOf(string variable) =>
        variable.StartsWith("VMCP_", StringComparison.Ordinal) || variable.StartsWith("TOOLHIVE_HEADER_FORWARD_", StringComparison.Ordinal) ? null : "value";
}
