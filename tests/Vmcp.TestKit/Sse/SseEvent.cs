namespace Vmcp.TestKit;

/// <summary>One dispatched server-sent event, or a comment line (then <see cref="Comment"/> is set and <see cref="Data"/> is empty).</summary>
/// <param name="Type">The <c>event:</c> field; "message" when absent.</param>
/// <param name="Data">The data lines joined by LF.</param>
/// <param name="Id">The <c>id:</c> field of this event, null when it had none.</param>
/// <param name="RetryMilliseconds">The <c>retry:</c> field of this event, null when it had none.</param>
/// <param name="HasData">False for an event made of id or retry alone; an empty <c>data:</c> line counts as data.</param>
/// <param name="Comment">The text after the colon of a comment line.</param>
public sealed record SseEvent(string Type, string Data, string? Id, int? RetryMilliseconds, bool HasData, string? Comment = null);
