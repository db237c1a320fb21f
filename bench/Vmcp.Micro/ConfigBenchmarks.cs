using System.Text;

using BenchmarkDotNet.Attributes;

using Vmcp.Config.Model;
using Vmcp.Config.Reading;
using Vmcp.Config.Writing;

namespace Vmcp.Micro;

/// <summary>The configuration of a gateway with so many backends: written as the operator does, read as the gateway does.</summary>
public class ConfigBenchmarks
{
    private string _yaml = "";
    private GatewayConfig _config = null!;

    [Params(10, 100)]
    public int Backends { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        StringBuilder yaml = new("name: vmcp\ngroupRef: demo/team\nbackends:\n");
        for (int i = 0; i < Backends; i++)
            yaml.Append("  - {name: b").Append(i).Append(", url: \"http://b").Append(i).Append(":8080/mcp\", transport: streamable-http}\n");
        _yaml = yaml.ToString();
        _config = Read() ?? throw new InvalidOperationException("not valid");
    }

    [Benchmark]
    public string Render() => ConfigWriter.Write(_config, new ConfigWriterOptions { WriteDefaults = true });

    [Benchmark]
    public GatewayConfig? Read() => ConfigFile.Load(_yaml, "vmcp.yaml", static _ => null).Config;
}
