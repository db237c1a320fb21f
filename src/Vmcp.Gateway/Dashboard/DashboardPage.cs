using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Vmcp.Gateway.Dashboard;

/// <summary>The page: one document that holds its style and script, and the policy that lets nothing but these run.</summary>
internal sealed class DashboardPage
{
    private DashboardPage(byte[] html, string policy)
    {
        Html = html;
        Policy = policy;
    }

    /// <summary>The document.</summary>
    public byte[] Html { get; }

    /// <summary>Its <c>Content-Security-Policy</c>.</summary>
    public string Policy { get; }

    /// <summary>Puts the page together from its parts.</summary>
    public static DashboardPage Load()
    {
        string style = Part("page.css");
        string[] scripts = [Part("dom.js"), Part("views.js"), Part("live.js")];
        string html = Part("page.html")
            .Replace("<!-- style -->", $"<style>{style}</style>", StringComparison.Ordinal)
            .Replace("<!-- scripts -->", string.Concat(scripts.Select(s => $"<script>{s}</script>")), StringComparison.Ordinal);

        // Trusted Types besides: a slip that put a backend's text into the document as markup would throw instead.
        string policy = "default-src 'none'; "
            + $"style-src {Hash(style)}; script-src {string.Join(' ', scripts.Select(Hash))}; connect-src 'self'; img-src data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
        return new DashboardPage(Encoding.UTF8.GetBytes(html), policy);
    }

    private static string Hash(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";

    private static string Part(string name)
    {
        using Stream part = Assembly.GetExecutingAssembly().GetManifestResourceStream("dashboard/" + name)
            ?? throw new InvalidOperationException($"The part {name} of the page is missing in the assembly.");
        using StreamReader reader = new(part, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
