using System.Text.Json;

namespace Vmcp.TestKit;

/// <summary>Follows <c>nextCursor</c> over all pages of a list.</summary>
internal static class Paging
{
    private const int MostPages = 10_000;

    public static async Task<IReadOnlyList<string>> AllAsync(Func<string?, Task<RpcAnswer>> page, string field, string key)
    {
        var all = new List<string>();
        string? cursor = null;
        for (int i = 0; i < MostPages; i++)
        {
            JsonElement result = (await page(cursor)).Success();
            all.AddRange(result.GetProperty(field).EnumerateArray().Select(item => item.GetProperty(key).GetString()!));
            if (!result.TryGetProperty("nextCursor", out JsonElement next))
                return all;
            cursor = next.GetString();
        }

        throw new InvalidOperationException($"The list has more than {MostPages} pages");
    }
}
