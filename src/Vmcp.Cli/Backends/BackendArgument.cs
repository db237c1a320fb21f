using Vmcp.Config.Model;

namespace Vmcp.Cli.Backends;

/// <summary>What <c>--backend name=url</c> says.</summary>
internal abstract record BackendArgument
{
    /// <summary>A backend we can speak to, as far as its text tells.</summary>
    public sealed record Usable(BackendConfig Backend) : BackendArgument;

    /// <summary>A well-formed backend over a transport we do not have.</summary>
    public sealed record Unsupported(string Reason) : BackendArgument;

    /// <summary>No backend at all.</summary>
    public sealed record Malformed(string Reason) : BackendArgument;

    /// <summary>Reads one argument. The finer rules for names and URLs are those of the configuration file and are checked there.</summary>
    public static BackendArgument Parse(string text)
    {
        int split = text.IndexOf('=', StringComparison.Ordinal);
        if (split <= 0 || split == text.Length - 1)
            return new Malformed($"--backend \"{text}\" is not name=url; write for example --backend notes=http://127.0.0.1:9001/mcp");
        string name = text[..split];
        string address = text[(split + 1)..];
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? url) || !address.Contains(':', StringComparison.Ordinal))
        {
            return new Malformed(
                $"--backend {name}: \"{address}\" is not an absolute URL; write for example --backend {name}=http://127.0.0.1:9001/mcp");
        }

        if (url.Scheme is not ("http" or "https"))
            return new Unsupported($"--backend {name}: the transport {url.Scheme} is not supported; use http or https");
        BackendConfig backend = new() { Name = name, Url = address };
        // Written out, so that a reader of the file need not know how it is derived.
        return new Usable(backend with { Transport = backend.EffectiveTransport });
    }
}
