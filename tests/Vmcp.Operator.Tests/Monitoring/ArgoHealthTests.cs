using NLua;
using Vmcp.KubeKit.Server;

namespace Vmcp.Operator.Tests.Monitoring;

/// <summary>What Argo CD makes of a VirtualMCPServer, by the very script it would run.</summary>
public sealed class ArgoHealthTests
{
    private static readonly string Script = File.ReadAllText(Path.Combine(Repository.Root, "deploy", "monitoring", "argocd", "health.lua"));

    [Theory]
    [InlineData("Ready", "Healthy")]
    [InlineData("Degraded", "Degraded")]
    [InlineData("Failed", "Degraded")]
    [InlineData("Pending", "Progressing")]
    [InlineData("", "Progressing")]
    public void A_phase_is_a_health(string phase, string health) =>
        Health($"{{metadata = {{generation = 2}}, status = {{observedGeneration = 2, message = 'so it is', phase = {(phase.Length == 0 ? "nil" : $"'{phase}'")}}}}}").Status.ShouldBe(health);

    [Fact]
    public void One_the_operator_has_not_seen_is_on_its_way() => Health("{metadata = {generation = 1}}").Status.ShouldBe("Progressing");

    [Fact]
    public void An_edit_the_operator_has_not_seen_is_on_its_way() =>
        Health("{metadata = {generation = 3}, status = {observedGeneration = 2, phase = 'Ready'}}").Status.ShouldBe("Progressing");

    [Fact]
    public void A_switch_of_modes_is_on_its_way_until_it_is_complete()
    {
        static string Server(string transition) =>
            "{metadata = {generation = 2}, status = {observedGeneration = 2, phase = 'Ready', message = 'ready', conditions = {"
            + "{type = 'Ready', status = 'True'}, {type = 'ModeTransition', status = '" + transition + "', message = 'two pods have to end'}}}}";

        Health(Server("True")).ShouldBe(("Progressing", "two pods have to end"));
        Health(Server("False")).ShouldBe(("Healthy", "ready"));
    }

    private static (string Status, string Message) Health(string server)
    {
        using Lua lua = new();
        lua.DoString("obj = " + server);
        var health = (LuaTable)lua.DoString(Script)[0];
        return ((string)health["status"], health["message"] as string ?? "");
    }
}
