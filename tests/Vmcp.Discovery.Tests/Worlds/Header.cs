using Vmcp.Core.Backends;

namespace Vmcp.Discovery.Tests.Worlds;

/// <summary>The credential of a backend in the clear, as the wire would show it.</summary>
internal static class Header
{
    public static string Of(Backend backend) =>
        backend.Strategy is HeaderInjectionStrategy header ? $"{header.HeaderName}: {header.Value.Reveal()}" : backend.Strategy.Type;
}
