namespace AuthzPlugin.Benchmarks.Table;

/// <summary>How much is measured.</summary>
/// <param name="Runs">Turns of product and floor for each row.</param>
/// <param name="Questions">Questions of a run on one connection.</param>
/// <param name="Time">Length of a run on many connections.</param>
/// <param name="WarmUp">How long each side is asked before a row begins: until then the runtime still compiles what turned out to be asked often.</param>
/// <param name="ManyRequests">For the row about memory.</param>
/// <param name="Repositories">Likewise.</param>
internal sealed record Scale(int Runs, int Questions, TimeSpan Time, TimeSpan WarmUp, long ManyRequests, int Repositories)
{
    /// <summary>What figures are published from.</summary>
    public static readonly Scale Full = new(7, 4000, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(4), 1_000_000, 1000);

    /// <summary>Whether everything works; the figures say nothing.</summary>
    public static readonly Scale Quick = new(5, 200, TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(0.1), 5_000, 50);
}
