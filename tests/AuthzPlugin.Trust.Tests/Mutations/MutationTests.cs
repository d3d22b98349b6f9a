using System.Diagnostics;
using AuthzPlugin.Trust.Errors;
using Xunit.Abstractions;

namespace AuthzPlugin.Trust.Tests.Mutations;

/// <summary>A changed byte anywhere is refused, or changes nothing: same digests, roles, keys, versions, expiry.</summary>
public sealed class MutationTests(ITestOutputHelper output)
{
    private const int LeastPerKind = 10_000;
    private const int Seed = 20260601;

    private static readonly string[] Kinds = ["root", "2.root", "timestamp", "snapshot", "targets", "targets/releases"];

    [Fact]
    public void A_mutated_byte_of_any_file_is_refused_or_changes_nothing()
    {
        var repository = new MutatedRepository();
        var total = new Counts();
        foreach (var kind in Kinds)
        {
            var watch = Stopwatch.StartNew();
            var counts = Try(repository, kind);
            output.WriteLine(
                $"{kind}: {counts.Tried} tried, {counts.Refused} refused, {counts.Same} accepted with the same result,"
                    + $" {counts.Other} with another ({watch.ElapsedMilliseconds} ms)");
            Assert.True(counts.Tried >= LeastPerKind && counts.Refused > 0 && counts.Same > 0, $"{kind}: the trial shows nothing");
            total = total.Plus(counts);
        }

        output.WriteLine($"figure: mutations tried {total.Tried} (at least {LeastPerKind} of each of {Kinds.Length} kinds of file), accepted with another result {total.Other}");
        Assert.Equal(0, total.Other);
    }

    private Counts Try(MutatedRepository repository, string kind)
    {
        var file = repository.Original(kind);
        var expected = new MutationTrial(repository, kind).Run(file);
        var counts = new Counts();
        var gate = new Lock();
        Parallel.For(
            0,
            Math.Max(LeastPerKind, file.Length * 2),
            () => (Trial: new MutationTrial(repository, kind), Counts: new Counts()),
            (number, _, worker) => (worker.Trial, worker.Counts.Plus(One(worker.Trial, kind, file, number, expected))),
            worker =>
            {
                lock (gate)
                {
                    counts = counts.Plus(worker.Counts);
                }
            });
        return counts;
    }

    private Counts One(MutationTrial trial, string kind, byte[] file, int number, string expected)
    {
        var mutated = SingleByte.Of(file, number, new Random(Seed + number));
        try
        {
            if (trial.Run(mutated) == expected)
            {
                return new Counts(1, 0, 1, 0);
            }

            output.WriteLine($"{kind}, mutation {number}: {Convert.ToBase64String(mutated)}");
            return new Counts(1, 0, 0, 1);
        }
        catch (RepositoryException)
        {
            return new Counts(1, 1, 0, 0);
        }
    }

    private readonly record struct Counts(int Tried, int Refused, int Same, int Other)
    {
        internal Counts Plus(Counts other) =>
            new(Tried + other.Tried, Refused + other.Refused, Same + other.Same, Other + other.Other);
    }
}
