using Vmcp.Core.Capabilities;
using Vmcp.Core.Health;
using Vmcp.Gateway.Backends;
using Vmcp.Protocol.Backends;

namespace Vmcp.Gateway.Identities;

/// <summary>What one backend last said to one user: its lists, or why there are none. Immutable.</summary>
/// <param name="Handle">Who was asked.</param>
/// <param name="ListChanges">Which of its changes the answer knows of.</param>
/// <param name="Items">What it lists to this user; null when it lists nothing.</param>
/// <param name="DueAt">The time stamp from which it is asked again.</param>
internal sealed record OwnLists(BackendHandle Handle, long ListChanges, BackendCapabilities? Items, long DueAt)
{
    /// <summary>The shortest time until a backend that gave no lists is asked again; it doubles up to one of the longest two.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LongestAfterRefusal = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan LongestAfterFailure = TimeSpan.FromMinutes(1);

    /// <summary>Why the last question was not answered with lists, as a clause behind the backend's name; null when it was.</summary>
    public string? Trouble { get; init; }

    /// <summary>Questions in a row that were not answered with lists.</summary>
    public int Failures { get; init; }

    /// <summary>
    /// What is known after one more answer. Who is refused has nothing any more; a backend that merely did not answer keeps the lists it gave
    /// before.
    /// </summary>
    /// <param name="before">What was known before; null for nothing.</param>
    /// <param name="asked">Who was asked.</param>
    /// <param name="answer">What it said.</param>
    /// <param name="age">How long good lists stay good.</param>
    /// <param name="time">The clock.</param>
    public static OwnLists After(OwnLists? before, PerUserBackend asked, OwnAnswer answer, TimeSpan age, TimeProvider time)
    {
        if (answer.Items is { } items)
            return new OwnLists(asked.Handle, asked.ListChanges, items, After(time, age));
        BackendFailure failure = answer.Failure!;
        bool refused = failure.Category == FailureCategory.AuthenticationFailed;
        // A backend that was described anew begins anew: what failed may have been mended by that.
        int failures = (before?.Handle == asked.Handle ? before.Failures : 0) + 1;
        return new OwnLists(
            asked.Handle, asked.ListChanges, refused || before?.IsFor(asked) != true ? null : before.Items,
            After(time, PauseAfter(failures, failure.RetryAfter, refused ? LongestAfterRefusal : LongestAfterFailure)))
        {
            Trouble = failure.Reason,
            Failures = failures,
        };
    }

    /// <summary>Whether the lists may be shown as those of this backend: it was asked itself, or before an edit that left it where it is.</summary>
    public bool IsFor(PerUserBackend backend) => Handle == backend.Handle || Succession.IsSamePlace(Handle.Backend, backend.Handle.Backend);

    /// <summary>Whether the backend is to be asked (again).</summary>
    public bool IsDue(PerUserBackend backend, long now) => now >= DueAt || Handle != backend.Handle || ListChanges != backend.ListChanges;

    private static TimeSpan PauseAfter(int failures, TimeSpan? asked, TimeSpan longest)
    {
        TimeSpan pause = Pause * (1 << Math.Min(failures - 1, 10));
        if (asked > pause)
            pause = asked.Value;
        return pause < longest ? pause : longest;
    }

    private static long After(TimeProvider time, TimeSpan span) => time.GetTimestamp() + (long)(span.TotalSeconds * time.TimestampFrequency);
}

/// <summary>One backend's answer to the question what it lists to a user.</summary>
/// <param name="Items">The lists; null when there are none.</param>
/// <param name="Failure">Why not.</param>
internal sealed record OwnAnswer(BackendCapabilities? Items, BackendFailure? Failure);
