using AuthzPlugin.Proof;

// A process of its own for what a test process cannot show of itself: being killed, its memory, and inputs without end.
return args switch
{
    ["update", var url, var folder, var repository, var pin] => await UpdateLoop.RunAsync(new Uri(url), folder, repository, pin),
    ["memory", var url, var folder, var repository, var pin, var small] => await MemoryUse.RunAsync(new Uri(url), folder, repository, small, pin),
    ["fuzz", var seconds] => Fuzzer.Run(seconds, Environment.TickCount, Environment.CurrentDirectory),
    ["fuzz", var seconds, var seed] => Fuzzer.Run(seconds, int.Parse(seed, System.Globalization.CultureInfo.InvariantCulture), Environment.CurrentDirectory),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: fuzz SECONDS [SEED] | update URL FOLDER REPOSITORY PIN | memory URL FOLDER REPOSITORY PIN SMALL");
    return 64;
}
