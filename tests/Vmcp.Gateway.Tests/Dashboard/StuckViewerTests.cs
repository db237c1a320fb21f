using System.IO.Pipelines;
using System.Net;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;

using Vmcp.Gateway.Dashboard;
using Vmcp.TestKit;

namespace Vmcp.Gateway.Tests.Dashboard;

/// <summary>A viewer that takes nothing does not keep its place.</summary>
public sealed class StuckViewerTests
{
    [Fact]
    public async Task A_viewer_that_takes_nothing_for_half_a_minute_is_cut()
    {
        await using TestWorld world = await TestWorld.StartAsync(w =>
        {
            w.Backend("alpha");
            w.Options = o => o with { Dashboard = true };
        });
        FakeTimeProvider time = new();
        DashboardEndpoint endpoint = new(world.Gateway.Dashboard.Feed, new GatewayOptions { Dashboard = true }, time);
        using StuckConnection connection = new();
        DefaultHttpContext context = connection.Request("/dashboard/events");

        Task serving = endpoint.TryServeAsync(context, CancellationToken.None).AsTask();

        await Eventually.BecomesAsync(() => connection.IsFlushing, "the first event is on its way");
        endpoint.Streams.ShouldBe(1);
        time.Advance(TimeSpan.FromSeconds(29));
        serving.IsCompleted.ShouldBeFalse("slow is not stuck");
        time.Advance(TimeSpan.FromSeconds(2));
        await serving.WaitAsync(Eventually.DefaultLimit);
        connection.IsAborted.ShouldBeTrue();
        endpoint.Streams.ShouldBe(0);
    }

    /// <summary>A connection whose other end reads nothing: what is written is never taken.</summary>
    private sealed class StuckConnection : IHttpResponseBodyFeature, IHttpRequestLifetimeFeature, IDisposable
    {
        private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        private readonly CancellationTokenSource _aborted = new();

        public bool IsAborted => _aborted.IsCancellationRequested;

        public bool IsFlushing => _pipe.Reader.TryRead(out ReadResult result) && Put(result);

        public Stream Stream => _pipe.Writer.AsStream();

        public PipeWriter Writer => _pipe.Writer;

        public CancellationToken RequestAborted
        {
            get => _aborted.Token;
            set => throw new NotSupportedException();
        }

        public DefaultHttpContext Request(string path)
        {
            DefaultHttpContext context = new();
            context.Features.Set<IHttpResponseBodyFeature>(this);
            context.Features.Set<IHttpRequestLifetimeFeature>(this);
            context.Connection.RemoteIpAddress = IPAddress.Loopback;
            context.Request.Method = "GET";
            context.Request.Host = new HostString("127.0.0.1");
            context.Request.Path = path;
            return context;
        }

        public void Dispose() => _aborted.Dispose();

        public void Abort() => _aborted.Cancel();

        public Task CompleteAsync() => Task.CompletedTask;

        public void DisableBuffering()
        {
        }

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

        /// <summary>Looked at, not taken.</summary>
        private bool Put(ReadResult result)
        {
            _pipe.Reader.AdvanceTo(result.Buffer.Start);
            return !result.Buffer.IsEmpty;
        }
    }
}
