using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Vmcp.ApiServer.Tests.Ring;
using Vmcp.Kubernetes.Objects;
using Vmcp.Resources;

namespace Vmcp.ApiServer.Tests.Crds;

/// <summary>The shared server with this repository's definitions, and a namespace for their tests.</summary>
public sealed class CrdServer(SharedApiServer shared) : IAsyncLifetime
{
    public Server Server => shared.Server;

    public string Namespace { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        await Server.ApplyCrdsAsync();
        Namespace = await Server.CreateNamespaceAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Asks whether the server would take a new object; nothing is stored. Unknown fields are refused too.</summary>
    public Task<Verdict> TryCreateAsync(JsonObject manifest)
    {
        string kind = manifest["kind"]!.GetValue<string>();
        ResourceType type = ToolHive.All.Single(t => t.Kind == kind);
        string path = $"apis/{manifest["apiVersion"]}/namespaces/{Namespace}/{type.Plural}";
        return PostAsync(path + "?dryRun=All&fieldValidation=Strict", manifest);
    }

    public async Task<Verdict> PostAsync(string path, JsonObject body)
    {
        using HttpResponseMessage answer = await Server.Admin.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
        JsonNode text = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        string[] warnings = answer.Headers.TryGetValues("Warning", out IEnumerable<string>? found) ? [.. found] : [];
        return new Verdict(answer.IsSuccessStatusCode, text, warnings);
    }
}

/// <summary>What the server said.</summary>
public sealed record Verdict(bool Accepted, JsonNode Body, IReadOnlyList<string> Warnings)
{
    /// <summary>All it says about why not.</summary>
    public string Message => Body["message"]?.GetValue<string>() ?? "";

    /// <summary>Each reason with its field: <c>spec.type: Invalid value: …</c>.</summary>
    public IReadOnlyList<string> Causes =>
        [.. (Body["details"]?["causes"]?.AsArray() ?? []).Select(cause => $"{cause!["field"]}: {cause["message"]}")];
}

[CollectionDefinition(Name)]
public sealed class CrdCollection : ICollectionFixture<CrdServer>
{
    public const string Name = "Custom resource definitions";
}
