using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.KubeKit.Server;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>
/// The account of a pod as files: a real token of the TokenRequest API, bound to the pod, with the server's certificate and the namespace.
/// A pod that does not want a token has none of these files.
/// </summary>
internal sealed class AccountMount(ApiServer server, ICluster cluster, PodSpec spec, PodFolder folder, TimeSpan lifetime)
{
    /// <summary>How a program is told where its account is when it is not at the usual place.</summary>
    public const string Variable = "VMCP_SERVICE_ACCOUNT_DIR";

    /// <summary>Where it is in a pod.</summary>
    public const string Place = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The folder with the files; null when the pod has no token.</summary>
    public string? Folder { get; private set; }

    /// <summary>Writes the files when the pod or else its account says so.</summary>
    /// <exception cref="ContainerProblemException">There is no such account.</exception>
    public async Task FillAsync(CancellationToken cancellationToken)
    {
        KubeObject? account = await cluster.GetAsync(BuiltIn.ServiceAccount, new ObjectKey(spec.Pod.Meta.Namespace, spec.Account), cancellationToken)
            ?? throw new ContainerProblemException($"ServiceAccount \"{spec.Account}\" not found");
        bool wanted = PodSpec.At(spec.Spec, "automountServiceAccountToken")?.GetBoolean() ?? account.At("automountServiceAccountToken")?.GetBoolean() ?? true;
        if (!wanted)
            return;
        string place = Directory.CreateDirectory(folder.Local(Place)).FullName;
        await File.WriteAllTextAsync(Path.Combine(place, "namespace"), spec.Pod.Meta.Namespace, cancellationToken);
        File.Copy(server.CaFile, Path.Combine(place, "ca.crt"), overwrite: true);
        Folder = place;
        await RotateAsync(cancellationToken);
    }

    /// <summary>Puts a new token in place of the old one, in one step as a mounted volume does.</summary>
    public async Task RotateAsync(CancellationToken cancellationToken)
    {
        if (Folder is not { } place)
            throw new InvalidOperationException($"pod {spec.Pod.Key} has no token");
        string fresh = Path.Combine(place, "token.new");
        await File.WriteAllTextAsync(fresh, await RequestAsync(cancellationToken), cancellationToken);
        File.Move(fresh, Path.Combine(place, "token"), overwrite: true);
    }

    /// <summary>Renews the token until cancelled.</summary>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Folder is null ? Timeout.InfiniteTimeSpan : lifetime * 0.8, cancellationToken);
            await RotateAsync(cancellationToken);
        }
    }

    private async Task<string> RequestAsync(CancellationToken cancellationToken)
    {
        JsonObject request = new()
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject
            {
                ["expirationSeconds"] = (long)lifetime.TotalSeconds,
                ["boundObjectRef"] = new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Pod",
                    ["name"] = spec.Pod.Meta.Name,
                    ["uid"] = spec.Pod.Meta.Uid,
                },
            },
        };
        Uri path = new($"api/v1/namespaces/{spec.Pod.Meta.Namespace}/serviceaccounts/{spec.Account}/token", UriKind.Relative);
        using HttpResponseMessage answer = await server.Admin.PostAsJsonAsync(path, request, cancellationToken);
        string text = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw new ContainerProblemException($"no token for ServiceAccount \"{spec.Account}\": {(int)answer.StatusCode} {text}");
        using JsonDocument given = JsonDocument.Parse(text);
        return given.RootElement.GetProperty("status").GetProperty("token").GetString()!;
    }
}
