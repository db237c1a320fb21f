namespace Vmcp.Resources.Schema;

/// <summary>The gateway's configuration, as <c>spec.config</c> describes it. Only its schema is used; it is read as raw JSON.</summary>
[PreserveUnknownFields]
public sealed record GatewayConfigSchema
{
}
