using Vmcp.KubeKit.Contract;
using Vmcp.Kubernetes.Api;

namespace Vmcp.ApiServer.Tests.Contract;

public sealed class ApiServerWriteTests(ContractServer server) : WriteContract, IClassFixture<ContractServer>
{
    protected override Task<(ICluster Cluster, string Namespace)> OpenAsync() => server.OpenAsync();
}

public sealed class ApiServerReadTests(ContractServer server) : ReadContract, IClassFixture<ContractServer>
{
    protected override Task<(ICluster Cluster, string Namespace)> OpenAsync() => server.OpenAsync();
}

public sealed class ApiServerWatchTests(ContractServer server) : WatchContract, IClassFixture<ContractServer>
{
    protected override Task<(ICluster Cluster, string Namespace)> OpenAsync() => server.OpenAsync();
}

public sealed class ApiServerApplyTests(ContractServer server) : ApplyContract, IClassFixture<ContractServer>
{
    protected override Task<(ICluster Cluster, string Namespace)> OpenAsync() => server.OpenAsync();
}

public sealed class ApiServerDeletionTests(ContractServer server) : DeletionContract, IClassFixture<ContractServer>
{
    protected override Task<(ICluster Cluster, string Namespace)> OpenAsync() => server.OpenAsync();

    protected override void SkipWithoutCollector() =>
        Assert.SkipUnless(server.CollectsGarbage, "this kube-apiserver comes without a controller manager, so nothing collects dependents");
}

public sealed class ApiServerExpiryTests(ForgetfulServer server) : ExpiryContract, IClassFixture<ForgetfulServer>
{
    protected override Task<(ICluster Cluster, string Namespace)> OpenAsync() => server.OpenAsync();

    protected override Task CompactAsync() => server.CompactAsync();
}
