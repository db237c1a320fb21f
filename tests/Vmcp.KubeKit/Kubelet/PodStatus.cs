using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>The picture of one pod, and what of it the API server was told.</summary>
/// <param name="cluster">The API server.</param>
/// <param name="pod">The pod.</param>
/// <param name="first">What it is before anything runs.</param>
/// <param name="killed">Ends every try to write.</param>
internal sealed class PodStatus(ICluster cluster, KubeObject pod, PodPicture first, CancellationToken killed)
{
    private string _written = "";

    /// <summary>What the pod is now.</summary>
    public PodPicture Picture { get; private set; } = first;

    /// <summary>The pod's readiness probe has failed, or its process is gone.</summary>
    public static PodPicture NotReady(PodPicture picture) =>
        picture.Ready ? picture with { Ready = false, ReadyChanged = DateTimeOffset.UtcNow } : picture;

    /// <summary>Changes the picture and writes it when that made a difference.</summary>
    public async Task ShowAsync(Func<PodPicture, PodPicture> change)
    {
        Picture = change(Picture);
        JsonObject status = Picture.ToStatus();
        string text = status.ToJsonString();
        if (text == _written)
            return;
        while (true)
        {
            try
            {
                await cluster.PatchAsync(
                    BuiltIn.Pod,
                    pod.Key,
                    new Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Meta.Uid }, ["status"] = status.DeepClone() }),
                    new WriteOptions { Subresource = "status", FieldManager = "kubelet" },
                    killed);
                _written = text;
                return;
            }
            catch (KubeException e) when (e.Error is KubeError.NotFound or KubeError.Conflict)
            {
                // Gone, or another pod of this name: the kubelet's next look ends this one.
                return;
            }
            catch (KubeException e) when (e.IsTransient)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), killed);
            }
        }
    }
}
