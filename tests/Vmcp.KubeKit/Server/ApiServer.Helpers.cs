using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Vmcp.TestKit;

namespace Vmcp.KubeKit.Server;

/// <content>What tests do as the administrator.</content>
public sealed partial class ApiServer
{
    private static readonly TimeSpan KubectlLimit = TimeSpan.FromMinutes(2);

    /// <summary>Runs kubectl as the administrator and returns what it wrote.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has its output.</exception>
    public Task<string> KubectlAsync(params string[] arguments) => KubectlAsAsync(AdminKubeconfig, arguments);

    /// <summary>Runs kubectl with a kubeconfig and returns what it wrote.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has its output.</exception>
    public async Task<string> KubectlAsAsync(string kubeconfig, params string[] arguments)
    {
        (int code, string output) = await TryKubectlAsync(kubeconfig, arguments);
        return code == 0
            ? output
            : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)} ended with {code}:\n{output}");
    }

    /// <summary>Runs kubectl with a kubeconfig; for commands that are to fail.</summary>
    public async Task<(int ExitCode, string Output)> TryKubectlAsync(string kubeconfig, params string[] arguments)
    {
        // kubectl believes its cache of what a server serves for hours; a definition that is new must be seen by the next call.
        await using TestProcess kubectl = TestProcess.Start(
            _assets.Kubectl,
            [$"--kubeconfig={kubeconfig}", $"--cache-dir={Path.Combine(Folder, "kubectl-cache", $"{Guid.NewGuid():N}")}", .. arguments],
            new Dictionary<string, string?> { ["KUBECONFIG"] = null });
        int code = await kubectl.WaitForExitAsync(KubectlLimit);
        return (code, string.Join('\n', kubectl.Lines));
    }

    /// <summary>Applies this repository's <c>deploy/crds</c> and waits until the server serves them.</summary>
    public async Task ApplyCrdsAsync()
    {
        string folder = Path.Combine(Repository.Root, "deploy", "crds");
        if (!Directory.Exists(folder) || !Directory.EnumerateFiles(folder, "*.yaml").Any())
            throw new InvalidOperationException("deploy/crds has no CRDs; run `make crds`");
        await KubectlAsync("apply", "--server-side", "-f", folder);
        await KubectlAsync("wait", "--for=condition=Established", "--timeout=60s", "-f", folder);
        // Established comes before the kinds and their short names are told to those who ask what there is.
        int kinds = Directory.GetFiles(folder, "*.yaml").Length;
        await Eventually.ReadsAsync(
            () => KubectlAsync("api-resources", "--api-group=toolhive.stacklok.dev", "-o", "name"),
            names => names.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(n => n.EndsWith(".toolhive.stacklok.dev", StringComparison.Ordinal)) == kinds,
            $"the server tells of all {kinds} kinds",
            TimeSpan.FromMinutes(1));
    }

    /// <summary>Makes a namespace; with no name, one nobody else has.</summary>
    public async Task<string> CreateNamespaceAsync(string? name = null, CancellationToken cancellationToken = default)
    {
        name ??= $"t-{Guid.NewGuid():N}"[..14];
        await PostAsync("api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, cancellationToken);
        return name;
    }

    /// <summary>A token of a ServiceAccount, which is made when it does not exist (TokenRequest); for the API server when no audience is named.</summary>
    public async Task<string> TokenForServiceAccountAsync(
        string @namespace, string name, TimeSpan? lifetime = null, string? audience = null, CancellationToken cancellationToken = default)
    {
        string accounts = $"api/v1/namespaces/{@namespace}/serviceaccounts";
        using (HttpResponseMessage account = await Admin.GetAsync(new Uri($"{accounts}/{name}", UriKind.Relative), cancellationToken))
        {
            if (!account.IsSuccessStatusCode)
                await PostAsync(accounts, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, cancellationToken);
        }

        JsonObject spec = new() { ["expirationSeconds"] = (long)(lifetime ?? TimeSpan.FromHours(1)).TotalSeconds };
        if (audience is not null)
            spec["audiences"] = new JsonArray(audience);
        JsonNode answer = await PostAsync($"{accounts}/{name}/token", new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = spec,
        }, cancellationToken);
        return answer["status"]!["token"]!.GetValue<string>();
    }

    /// <summary>Forgets etcd's history up to now, so that older versions are gone (410) where there is no watch cache.</summary>
    public async Task CompactAsync(CancellationToken cancellationToken = default)
    {
        // Not with the administrator's client: etcd takes its bearer token for one of its own and answers 401.
        using var etcd = new HttpClient();
        using HttpResponseMessage status = await etcd.PostAsJsonAsync(new Uri(EtcdUrl, "v3/maintenance/status"), new JsonObject(), cancellationToken);
        JsonNode? header = JsonNode.Parse(await status.Content.ReadAsStringAsync(cancellationToken))?["header"];
        string revision = header?["revision"]?.GetValue<string>() ?? throw new InvalidOperationException("etcd did not tell its revision");
        using HttpResponseMessage answer =
            await etcd.PostAsJsonAsync(new Uri(EtcdUrl, "v3/kv/compaction"), new JsonObject { ["revision"] = revision }, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<JsonNode> PostAsync(string path, JsonObject body, CancellationToken cancellationToken)
    {
        using HttpResponseMessage answer = await Admin.PostAsJsonAsync(new Uri(path, UriKind.Relative), body, cancellationToken);
        string text = await answer.Content.ReadAsStringAsync(cancellationToken);
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"POST {path}: {(int)answer.StatusCode} {text}");
    }
}
