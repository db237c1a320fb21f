namespace Vmcp.Cli.Status;

/// <summary>Where a gateway of this machine usually is.</summary>
internal static class GatewayAddress
{
    /// <summary>The address <c>vmcp serve</c> listens on unless told otherwise.</summary>
    public const string Default = "http://127.0.0.1:4483";
}
