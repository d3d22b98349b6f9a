// One engine, one plugin: every test has them to itself.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
