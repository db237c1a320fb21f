using System.Net.Sockets;

namespace Vmcp.TestKit.Tests.Waiting;

public sealed class WaitingTests
{
    [Fact]
    public async Task What_never_becomes_true_is_named_in_the_failure()
    {
        TimeoutException failure = await Should.ThrowAsync<TimeoutException>(
            () => Eventually.BecomesAsync(() => false, "pigs fly", TimeSpan.FromMilliseconds(50)));

        failure.Message.ShouldContain("pigs fly");
    }

    [Fact]
    public async Task A_try_that_throws_is_tried_again()
    {
        int tries = 0;

        await Eventually.BecomesAsync(() => ++tries > 2 ? true : throw new InvalidOperationException("not yet"), "third time lucky");

        tries.ShouldBe(3);
    }

    [Fact]
    public async Task A_reserved_port_refuses_connections()
    {
        using FreePort port = FreePort.Reserve();
        using var client = new TcpClient();

        await Should.ThrowAsync<SocketException>(() => client.ConnectAsync("127.0.0.1", port.Number));
    }

    [Fact]
    public async Task A_process_tells_its_lines_and_its_exit_code()
    {
        await using TestProcess process = TestProcess.Start(
            "/bin/sh", ["-c", "echo \"hello $WHO\"; echo oops >&2; exit 3"], new Dictionary<string, string?> { ["WHO"] = "you" });

        (await process.WaitForLineAsync("hello")).ShouldBe("hello you");
        (await process.WaitForLineAsync("oops")).ShouldBe("oops");
        (await process.WaitForExitAsync()).ShouldBe(3);
        (await Should.ThrowAsync<TimeoutException>(() => process.WaitForLineAsync("never"))).Message.ShouldContain("ended with 3");
    }

    [Fact]
    public async Task A_process_can_be_asked_to_end_and_is_killed_on_disposal()
    {
        await using (TestProcess polite = TestProcess.Start("/bin/sh", ["-c", "trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done"]))
        {
            await polite.WaitForLineAsync("up");
            await polite.SignalAsync(15);
            (await polite.WaitForExitAsync()).ShouldBe(7);
        }

        TestProcess stubborn = TestProcess.Start("/bin/sh", ["-c", "trap '' TERM; echo up; while :; do sleep 0.05; done"]);
        await stubborn.WaitForLineAsync("up");
        int id = stubborn.Id;
        await stubborn.DisposeAsync();
        Directory.Exists($"/proc/{id}").ShouldBeFalse();
    }
}
