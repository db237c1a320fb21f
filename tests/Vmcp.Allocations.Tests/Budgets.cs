namespace Vmcp.Allocations.Tests;

/// <summary>
/// The allocation budget: bytes of a warm request, by who asks whom. The least counts repeat to a few bytes, so a budget is that and a few
/// hundred bytes of room. Whoever saves some lowers the number here; the test says when it is due.
/// </summary>
public static class Budgets
{
    /// <summary>A budget so many times the count is no budget any more.</summary>
    public const double Room = 1.4;

    /// <summary>
    /// Client → backend by their eras, <c>events</c> being a Legacy backend that answers as an event stream and <c>lists</c> a <c>tools/list</c>;
    /// <c>token</c>: OIDC and a token exchanged for the backend, both from their caches.
    /// </summary>
    public static TheoryData<string, int> All { get; } = new()
    {
        { "legacy → legacy", 7_200 },
        { "legacy → events", 8_000 },
        { "modern → modern", 7_300 },
        { "legacy → modern", 9_500 },
        { "modern → legacy", 11_500 },
        { "legacy → legacy, token", 7_500 },
        { "modern → modern, token", 7_800 },
        { "legacy → lists", 1_900 },
        { "modern → lists", 2_000 },
        { "legacy → lists, token", 2_000 },
    };

    /// <summary>Takes such a name apart; the backend of a list is empty.</summary>
    internal static (bool WithUsers, string Client, string Backend) Read(string name)
    {
        string[] parts = name.Replace(", token", "", StringComparison.Ordinal).Split(" → ");
        return (name.EndsWith(", token", StringComparison.Ordinal), parts[0], parts[1] == "lists" ? "" : parts[1]);
    }
}
