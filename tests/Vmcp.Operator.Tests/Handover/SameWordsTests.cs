using Vmcp.Core.Health;
using Vmcp.Core.Status;
using Vmcp.Operator.Polling;
using Vmcp.Resources.Status;

namespace Vmcp.Operator.Tests.Handover;

public sealed class SameWordsTests
{
    private static readonly DateTimeOffset Checked = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero).AddTicks(1234567);

    public static TheoryData<HealthStatus, FailureCategory, BreakerStatus> All
    {
        get
        {
            TheoryData<HealthStatus, FailureCategory, BreakerStatus> all = [];
            foreach (HealthStatus health in Enum.GetValues<HealthStatus>())
            {
                foreach (FailureCategory failure in Enum.GetValues<FailureCategory>())
                {
                    foreach (BreakerStatus breaker in Enum.GetValues<BreakerStatus>())
                        all.Add(health, failure, breaker);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_picture_means_the_same_directly_and_over_the_wire(HealthStatus health, FailureCategory failure, BreakerStatus breaker)
    {
        foreach (DateTimeOffset? time in (DateTimeOffset?[])[Checked, null])
        {
            BackendReport backend = new()
            {
                Name = "alpha",
                AuthType = "header_injection",
                Revision = time is null ? null : "2025-11-25",
                State = new HealthState { Status = health, LastFailure = failure, ConsecutiveFailures = time is null ? 0 : 7, LastCheck = time, LastTransition = time },
                Breaker = new BreakerState { Status = breaker, LastChanged = time },
            };

            Wire(backend).ShouldBe(GatewayWords.Observe(backend));
        }
    }

    [Fact]
    public void Words_too_long_to_be_words_are_dropped_both_ways()
    {
        BackendReport backend = new() { Name = "alpha", AuthType = new string('x', 101), Revision = new string('y', 101) };
        GatewayWords.Observe(backend).AuthType.ShouldBeNull();
        Wire(backend).ShouldBe(GatewayWords.Observe(backend));
    }

    private static ObservedBackend Wire(BackendReport backend) =>
        PodAnswer.Read(StatusJson.Status(new StatusReport { Name = "hub", Version = "1", GroupRef = "team", Backends = [backend] }))!.Value.ShouldHaveSingleItem();
}
