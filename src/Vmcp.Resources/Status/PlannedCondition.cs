namespace Vmcp.Resources.Status;

/// <summary>One condition, apart from its time.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Status"><c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
/// <param name="Reason">One word.</param>
/// <param name="Message">A sentence; no secret is in it.</param>
public sealed record PlannedCondition(string Type, string Status, string Reason, string Message);
