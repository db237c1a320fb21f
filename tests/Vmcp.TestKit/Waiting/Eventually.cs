using System.Diagnostics;

namespace Vmcp.TestKit;

/// <summary>Waits for something to become true by polling, so tests need no sleeps.</summary>
public static class Eventually
{
    /// <summary>How long a wait lasts when the test names no limit; generous because machines are shared.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Returns when <paramref name="condition"/> holds; <see cref="TimeoutException"/> naming <paramref name="what"/> otherwise.</summary>
    public static Task BecomesAsync(Func<bool> condition, string what, TimeSpan? limit = null) =>
        BecomesAsync(() => Task.FromResult(condition()), what, limit);

    /// <inheritdoc cref="BecomesAsync(Func{bool}, string, TimeSpan?)"/>
    public static async Task BecomesAsync(Func<Task<bool>> condition, string what, TimeSpan? limit = null)
    {
        TimeSpan most = limit ?? DefaultLimit;
        long start = Stopwatch.GetTimestamp();
        int tries = 0;
        Exception? last = null;
        while (true)
        {
            tries++;
            try
            {
                if (await condition())
                    return;
                last = null;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                last = e;
            }

            if (Stopwatch.GetElapsedTime(start) >= most)
                throw new TimeoutException($"Waited {most.TotalSeconds:0.#} s ({tries} tries) for: {what}" +
                    (last is null ? "." : $". The last try failed: {last.Message}"), last);
            await Task.Delay(Pause);
        }
    }

    /// <summary>Polls <paramref name="read"/> until <paramref name="accept"/> takes its value; the failure shows the last value.</summary>
    public static async Task<T> ReadsAsync<T>(Func<Task<T>> read, Func<T, bool> accept, string what, TimeSpan? limit = null)
    {
        T value = default!;
        try
        {
            await BecomesAsync(async () => accept(value = await read()), what, limit);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} Last value: {value}", e);
        }

        return value;
    }
}
