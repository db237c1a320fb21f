// The tests wait more than they compute: more of them at once than there are cores.
[assembly: CollectionBehavior(MaxParallelThreads = 8)]
