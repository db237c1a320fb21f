using System.Reflection;

namespace Vmcp.Core;

/// <summary>What this program is called on the wire and in its own words.</summary>
public static class Product
{
    /// <summary>The program's name.</summary>
    public const string Name = "vmcp";

    /// <summary>The version, for example <c>0.1.0</c>; without the commit the build appends.</summary>
    public static string Version { get; } =
        typeof(Product).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
