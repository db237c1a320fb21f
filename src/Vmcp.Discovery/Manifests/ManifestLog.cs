using Microsoft.Extensions.Logging;

namespace Vmcp.Discovery.Manifests;

/// <summary>What is logged of a directory of manifests; 51xx. Names of objects only, never what is in them.</summary>
internal static partial class ManifestLog
{
    [LoggerMessage(5101, LogLevel.Information, "Manifests: {Objects} objects in {Files} files of {Directory}")]
    public static partial void ManifestsRead(this ILogger logger, int objects, int files, string directory);

    [LoggerMessage(5102, LogLevel.Information, "Manifests: {Changes}")]
    public static partial void ManifestsChanged(this ILogger logger, string changes);

    [LoggerMessage(5103, LogLevel.Warning, "Manifests: {Problem} (what was good before stays in force)")]
    public static partial void ManifestTrouble(this ILogger logger, string problem);

    [LoggerMessage(5104, LogLevel.Information, "Manifests: {Place} is well again")]
    public static partial void ManifestHealed(this ILogger logger, string place);

    [LoggerMessage(5105, LogLevel.Information, "Manifests: {File}: passed over {Count} objects of kinds a gateway does not read: {Kinds}")]
    public static partial void KindsPassedOver(this ILogger logger, string file, int count, string kinds);

    [LoggerMessage(5106, LogLevel.Error, "Manifests: looking at them failed; the next look is in a second")]
    public static partial void LookFailed(this ILogger logger, Exception exception);
}
