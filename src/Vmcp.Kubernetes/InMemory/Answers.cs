using Vmcp.Kubernetes.Api;

namespace Vmcp.Kubernetes.InMemory;

/// <summary>How the in-memory cluster says no: what was asked, and the words of a real server.</summary>
internal static class Answers
{
    public static KubeException NotFound(ClusterRequest request) =>
        No(KubeError.NotFound, request, $"{request.Type.Plural} \"{request.Key.Name}\" not found");

    public static KubeException NoSubresource(ClusterRequest request) =>
        No(KubeError.NotFound, request, "the server could not find the requested resource");

    public static KubeException AlreadyExists(ClusterRequest request) =>
        No(KubeError.AlreadyExists, request, $"{request.Type.Plural} \"{request.Key.Name}\" already exists");

    public static KubeException Stale(ClusterRequest request) => No(KubeError.Conflict, request,
        $"Operation cannot be fulfilled on {request.Type.Plural} \"{request.Key.Name}\": the object has been modified; please apply your changes to the latest version and try again");

    public static KubeException OtherUid(ClusterRequest request, string wanted, string stored) => No(KubeError.Conflict, request,
        $"Operation cannot be fulfilled on {request.Type.Plural} \"{request.Key.Name}\": Precondition failed: UID in precondition: {wanted}, UID in object meta: {stored}");

    public static KubeException Owned(ClusterRequest request, IReadOnlyList<string> conflicts) => No(KubeError.Conflict, request,
        $"Apply failed with {conflicts.Count} conflict{(conflicts.Count == 1 ? "" : "s")}: {string.Join("; ", conflicts)}");

    public static KubeException Invalid(ClusterRequest request, string why) =>
        No(KubeError.Invalid, request, $"{request.Type.Kind} \"{request.Key.Name}\" is invalid: {why}");

    public static KubeException VersionOnCreate(ClusterRequest request) =>
        No(KubeError.ServerError, request, "resourceVersion should not be set on objects to be created");

    public static KubeException Expired(ClusterRequest request, string why) => No(KubeError.Expired, request, why);

    private static KubeException No(KubeError error, ClusterRequest request, string words)
    {
        string subresource = request.Subresource is null ? "" : "/" + request.Subresource;
        return new KubeException(error, $"{request.Verb} {request.Type.Kind}{subresource} {request.Key}: {words}");
    }
}
