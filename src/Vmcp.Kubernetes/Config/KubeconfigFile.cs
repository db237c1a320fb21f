using System.Security.Cryptography.X509Certificates;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Vmcp.Kubernetes.Config;

/// <summary>Reads kubeconfig files as kubectl does: of several files the first to name an entry or the current context counts.</summary>
internal static class KubeconfigFile
{
    public static KubeConfig Read(IReadOnlyList<string> paths, string? context, TimeProvider time)
    {
        List<Part> parts = [.. paths.Where(p => paths.Count == 1 || File.Exists(p)).Select(Parse)];
        if (parts.Count == 0)
            throw new KubeConfigException($"KUBECONFIG names no file that exists: {string.Join(", ", paths)}");
        string files = string.Join(", ", parts.Select(p => p.Path));
        string chosen = context ?? parts.Select(p => p.Root.Text("current-context")).FirstOrDefault(t => t is { Length: > 0 })
            ?? throw new KubeConfigException($"{files}: current-context is not set; run kubectl config use-context NAME, or give --context");
        Entry place = Find(parts, "contexts", "context", chosen, files);
        Entry cluster = Find(parts, "clusters", "cluster", place.Required("cluster"), files);
        Entry? user = place.Text("user") is { Length: > 0 } name ? Find(parts, "users", "user", name, files) : null;
        (X509Certificate2? own, X509Certificate2Collection chain) = ClientCertificate(user);
        return new KubeConfig
        {
            Server = Server(cluster),
            Source = $"{place.File}, context {chosen}",
            Namespace = place.Text("namespace") is { Length: > 0 } space ? space : null,
            Authorities = Authorities(cluster),
            AuthoritiesFile = cluster.Text("certificate-authority-data") is { Length: > 0 } ? null : cluster.FilePath("certificate-authority"),
            SkipTlsVerify = cluster.Flag("insecure-skip-tls-verify"),
            TlsServerName = cluster.Text("tls-server-name"),
            ClientCertificate = own,
            ClientChain = chain,
            Token = Token(user, time),
        };
    }

    private static Part Parse(string path)
    {
        try
        {
            YamlStream stream = [];
            stream.Load(new StringReader(Certificates.Text(path, "kubeconfig")));
            if (stream.Documents is [{ RootNode: YamlMappingNode root }, ..])
                return new Part(path, new Entry(path, path, root));
        }
        catch (YamlException e)
        {
            // Its message may quote the text, which holds credentials.
            throw new KubeConfigException($"kubeconfig {path} is not YAML: line {e.Start.Line}, column {e.Start.Column}");
        }

        throw new KubeConfigException($"kubeconfig {path} is empty or no mapping");
    }

    private static Entry Find(List<Part> parts, string list, string member, string name, string files)
    {
        List<string> names = [];
        foreach (Part part in parts)
        {
            foreach (Entry entry in part.Root.Items(list))
            {
                string here = entry.Text("name") ?? "";
                names.Add(here);
                if (here == name)
                    return entry.Inner(member, $"{part.Path}: {member} \"{name}\"");
            }
        }

        throw new KubeConfigException(
            $"{files}: there is no {member} \"{name}\" in {list}; found: {(names.Count == 0 ? "none" : string.Join(", ", names))}");
    }

    private static Uri Server(Entry cluster)
    {
        string text = cluster.Required("server");
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? server) || server.Scheme is not ("https" or "http"))
            throw new KubeConfigException($"{cluster.Where}: server: \"{text}\" is no http or https address");
        if (cluster.Text("proxy-url") is { Length: > 0 })
            throw new KubeConfigException($"{cluster.Where}: proxy-url is not supported; set HTTPS_PROXY instead");
        return server;
    }

    private static X509Certificate2Collection? Authorities(Entry cluster)
    {
        if (cluster.Text("certificate-authority-data") is { Length: > 0 } data)
        {
            string where = $"{cluster.Where}: certificate-authority-data";
            return Certificates.Authorities(Certificates.Data(data, where), where);
        }

        return cluster.FilePath("certificate-authority") is { } path
            ? Certificates.AuthoritiesFile(path, $"{cluster.Where}: certificate-authority")
            : null;
    }

    private static (X509Certificate2? Own, X509Certificate2Collection Chain) ClientCertificate(Entry? user)
    {
        string? certificate = Pem(user, "client-certificate");
        string? key = Pem(user, "client-key");
        if (certificate is null && key is null)
            return (null, []);
        if (certificate is null || key is null)
        {
            throw new KubeConfigException(
                $"{user!.Where}: {(key is null ? "client-certificate is set but client-key" : "client-key is set but client-certificate")} is not");
        }

        return Certificates.Client(certificate, key, $"{user!.Where}: client-certificate");
    }

    private static string? Pem(Entry? user, string field)
    {
        if (user is null)
            return null;
        if (user.Text(field + "-data") is { Length: > 0 } data)
            return Certificates.Data(data, $"{user.Where}: {field}-data");
        return user.FilePath(field) is { } path ? Certificates.Text(path, $"{user.Where}: {field}") : null;
    }

    private static TokenSource? Token(Entry? user, TimeProvider time)
    {
        if (user is null)
            return null;
        string? token = user.Text("token") is { Length: > 0 } given ? given : null;
        if (user.FilePath("tokenFile") is { } path)
            return TokenSource.OfFile(path, token, time);
        if (token is not null)
            return TokenSource.Fixed(token);
        foreach (string field in (ReadOnlySpan<string>)["exec", "auth-provider", "username"])
        {
            if (user.Has(field))
            {
                throw new KubeConfigException(
                    $"{user.Where}: {field} is not supported; use a client certificate, token or tokenFile "
                    + "(kubectl create token ACCOUNT makes one)");
            }
        }

        return null;
    }

    private sealed record Part(string Path, Entry Root);

    /// <summary>A mapping of the file and how messages name it.</summary>
    private sealed class Entry(string file, string where, YamlMappingNode node)
    {
        public string File => file;

        public string Where => where;

        public bool Has(string field) => node.Children.ContainsKey(new YamlScalarNode(field));

        public string? Text(string field) =>
            !node.Children.TryGetValue(new YamlScalarNode(field), out YamlNode? value) || value is YamlScalarNode { Value: "" or "~" or "null" } ? null
            : value is YamlScalarNode scalar ? scalar.Value
            : throw new KubeConfigException($"{where}: {field} must be text (line {value.Start.Line})");

        public string Required(string field) =>
            Text(field) is { Length: > 0 } value ? value : throw new KubeConfigException($"{where}: {field} is not set");

        public bool Flag(string field) => Text(field) switch
        {
            null or "false" => false,
            "true" => true,
            _ => throw new KubeConfigException($"{where}: {field} must be true or false"),
        };

        /// <summary>A path, relative to the file that names it.</summary>
        public string? FilePath(string field) =>
            Text(field) is { Length: > 0 } value
                ? Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, value)
                : null;

        public IEnumerable<Entry> Items(string field) =>
            node.Children.TryGetValue(new YamlScalarNode(field), out YamlNode? value) && value is YamlSequenceNode list
                ? list.Children.OfType<YamlMappingNode>().Select(item => new Entry(file, $"{where}: {field}", item))
                : [];

        public Entry Inner(string member, string name) =>
            node.Children.TryGetValue(new YamlScalarNode(member), out YamlNode? value) && value is YamlMappingNode inner
                ? new Entry(file, name, inner)
                : throw new KubeConfigException($"{name} is empty");
    }
}
