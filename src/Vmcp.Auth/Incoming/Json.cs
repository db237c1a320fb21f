using System.Text.Json;

namespace Vmcp.Auth.Incoming;

/// <summary>How JSON that decides about access is read.</summary>
internal static class Json
{
    /// <summary>A name that is there twice would mean one thing here and another elsewhere (RFC 7519 4).</summary>
    public static JsonDocumentOptions Strict { get; } = new() { AllowDuplicateProperties = false, MaxDepth = 32 };
}
