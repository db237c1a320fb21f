using System.Globalization;
using System.Text;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Kubernetes.Api;

/// <summary>The paths and queries of the API (Kubernetes API concepts, Resource URIs).</summary>
internal static class KubeUrls
{
    /// <summary>The path of a collection, or of one object, or of its subresource, relative to the server's address.</summary>
    public static string Path(ResourceType type, string? inNamespace, string? name = null, string? subresource = null)
    {
        StringBuilder path = new(type.Group.Length == 0 ? "api/" : $"apis/{type.Group}/");
        path.Append(type.Version);
        if (type.Namespaced && !string.IsNullOrEmpty(inNamespace))
            path.Append("/namespaces/").Append(Uri.EscapeDataString(inNamespace));
        path.Append('/').Append(type.Plural);
        if (name is not null)
            path.Append('/').Append(Uri.EscapeDataString(name));
        if (subresource is not null)
            path.Append('/').Append(subresource);
        return path.ToString();
    }

    public static string List(ResourceType type, ListOptions options)
    {
        Query query = Query.Of(options);
        query.Add("limit", options.Limit?.ToString(CultureInfo.InvariantCulture));
        query.Add("continue", options.Continue);
        return Path(type, options.Namespace) + query;
    }

    public static string Watch(ResourceType type, WatchOptions options, TimeSpan timeout)
    {
        Query query = Query.Of(options);
        query.Add("watch", "1");
        query.Add("resourceVersion", options.ResourceVersion);
        query.Add("allowWatchBookmarks", "true");
        query.Add("timeoutSeconds", ((long)timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        return Path(type, options.Namespace) + query;
    }

    public static string Write(WriteOptions options, bool? force = null)
    {
        Query query = new();
        query.Add("fieldManager", options.FieldManager);
        query.Add("force", force is true ? "true" : null);
        query.Add("dryRun", options.DryRun ? "All" : null);
        return query.ToString();
    }

    private sealed class Query
    {
        private readonly StringBuilder _text = new();

        public static Query Of(Selection selection)
        {
            Query query = new();
            query.Add("labelSelector", selection.LabelSelector);
            query.Add("fieldSelector", selection.FieldSelector);
            return query;
        }

        public void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                _text.Append(_text.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }

        public override string ToString() => _text.ToString();
    }
}
