using System.Diagnostics.Metrics;

using Vmcp.Auth.Incoming;
using Vmcp.Core.Backends;
using Vmcp.TestKit;

namespace Vmcp.Auth.Tests.Incoming;

/// <summary>What is counted.</summary>
public sealed class IncomingMetricsTests
{
    [Fact]
    public async Task Requests_fetches_and_questions_are_counted_by_result()
    {
        Uri? introspection = null;
        IDisposable? held = null;
        await using Door door = await Door.OpenAsync(
            o => o with { IntrospectionUrl = introspection, ClientId = "gateway", ClientSecret = new Secret("gateway-secret-7f3a"), RequiredScopes = ["mcp"] },
            before: provider =>
            {
                introspection = provider.IntrospectionUrl;
                held = provider.Hold(AuthKind.Discovery); // nothing is counted before somebody listens
            });
        Dictionary<string, long> counted = [];
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == door.Auth.Metrics.Meter)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            lock (counted)
                counted[$"{instrument.Name} {tags[0].Key}={tags[0].Value}"] = counted.GetValueOrDefault($"{instrument.Name} {tags[0].Key}={tags[0].Value}") + value;
        });
        listener.Start();
        held!.Dispose();
        string good = door.Provider.Token("alice", scopes: "mcp");

        await door.AdmitAsync(good);
        await door.AdmitAsync(good);
        await door.HeaderAsync();
        await door.KnockAsync(door.Provider.Token("alice"));
        await door.RefuseAsync("made-up");
        await door.AdmitAsync(door.Provider.OpaqueToken("alice", scopes: "mcp"));
        using (door.Provider.Override(AuthKind.Introspection, new AuthAnswer(500)))
            (await door.KnockAsync("another")).ShouldBeOfType<Admission.Away>();

        lock (counted)
        {
            counted.ShouldBe(
                new Dictionary<string, long>
                {
                    ["vmcp.incoming_auth.requests result=admitted"] = 2,
                    ["vmcp.incoming_auth.requests result=known"] = 1,
                    ["vmcp.incoming_auth.requests result=challenged"] = 2,
                    ["vmcp.incoming_auth.requests result=forbidden"] = 1,
                    ["vmcp.incoming_auth.requests result=away"] = 1,
                    ["vmcp.incoming_auth.key_fetches result=ok"] = 1,
                    ["vmcp.incoming_auth.introspections result=active"] = 1,
                    ["vmcp.incoming_auth.introspections result=inactive"] = 1,
                    ["vmcp.incoming_auth.introspections result=failed"] = 1,
                },
                ignoreOrder: true);
        }
    }
}
