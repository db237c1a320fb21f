using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using Vmcp.Gateway.Hosting;

// Bytes are counted for the whole process: whatever else runs would be counted too.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Vmcp.Allocations.Tests;

internal static class Assembly
{
    /// <summary>As <c>vmcp serve</c> does, and before the runner of the tests opens a socket.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The switch is read with the first socket, and that is not ours.")]
    public static void RunInline() => InlineSockets.Prefer();
}
