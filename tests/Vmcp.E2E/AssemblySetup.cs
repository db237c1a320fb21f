using Vmcp.E2E.World;

[assembly: AssemblyFixture(typeof(SharedCluster))]

// Most of a test is waiting for processes to start and for probes, so more run at once than there are cores.
[assembly: CollectionBehavior(MaxParallelThreads = 6)]
