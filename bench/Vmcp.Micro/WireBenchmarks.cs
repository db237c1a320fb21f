using System.Buffers;

using BenchmarkDotNet.Attributes;

using Vmcp.Protocol.Backends;
using Vmcp.Protocol.Json;
using Vmcp.Protocol.Sse;

namespace Vmcp.Micro;

/// <summary>Looking through a client's message, by its size in bytes.</summary>
public class EnvelopeBenchmarks
{
    private byte[] _body = [];

    [Params(200, 32 * 1024, 1024 * 1024)]
    public int Size { get; set; }

    [GlobalSetup]
    public void SetUp() => _body = Messages.LegacyCall(Size);

    [Benchmark]
    public Envelope? Scan() => EnvelopeScanner.Scan(_body, out _);
}

/// <summary>What comes back from a backend: a message, and a stream of a hundred events.</summary>
public class BackendAnswerBenchmarks
{
    private const int Events = 100;

    private readonly byte[] _answer = Messages.Answer();
    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
    private byte[] _stream = [];

    [GlobalSetup]
    public void SetUp()
    {
        ArrayBufferWriter<byte> stream = new();
        for (int i = 0; i < Events; i++)
            SseFrame.Write(stream, _answer, null);
        _stream = stream.WrittenSpan.ToArray();
    }

    [Benchmark]
    public BackendMessage Parse() => BackendMessage.Parse(_answer);

    /// <summary>Of one event.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public async Task<int> ReadEvents()
    {
        int bytes = 0;
        await foreach (SseEvent read in SseEvents.ReadAsync(new MemoryStream(_stream), JsonLimits.MaxClientBody))
            bytes += read.Data.Length;
        return bytes;
    }

    /// <summary>Of one event: read, looked at, written for the client.</summary>
    [Benchmark(OperationsPerInvoke = Events)]
    public async Task<int> RelayEvents()
    {
        _output.ResetWrittenCount();
        await foreach (SseEvent read in SseEvents.ReadAsync(new MemoryStream(_stream), JsonLimits.MaxClientBody))
            SseFrame.Write(_output, BackendMessage.Parse(read.Data).Json.Span, "1");
        return _output.WrittenCount;
    }
}
