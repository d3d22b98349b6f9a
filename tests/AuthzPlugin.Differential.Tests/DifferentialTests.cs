using System.Collections.Concurrent;
using System.Diagnostics;
using AuthzPlugin.Testing.Notary;
using AuthzPlugin.Testing.Tls;
using AuthzPlugin.Trust.Errors;
using Xunit.Abstractions;

namespace AuthzPlugin.Differential.Tests;

/// <summary>
/// The same repositories to Debian's <c>notary</c> client and to ours, over HTTPS: verdict, digests and roles must agree, except where
/// <see cref="StrictScenarios"/> names the rule by which we refuse what the Go client takes.
/// </summary>
public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const int Seed = 20260601;
    private const int LeastRepositories = 200;
    private const int LeastPerFault = 5;

    // Faults that only a policy without a pin, or a limit of ours, could make are not in the list of the Go client.
    private static readonly RepositoryFault[] Faults = Enum.GetValues<RepositoryFault>();

    private readonly ConcurrentBag<Result> _results = [];

    private enum Kind
    {
        Agree,
        Strict,
        Unexplained,
    }

    [Fact]
    public async Task Both_clients_agree_on_every_repository_or_a_rule_says_why_not()
    {
        Assert.True(NotaryClient.IsInstalled, "the Debian package notary is not installed; run tests/Lab/lab.sh install");
        var watch = Stopwatch.StartNew();
        var folder = Directory.CreateTempSubdirectory("differential-");
        using var authority = new TestAuthority();
        await using var server = await NotarySimulator.StartAsync(authority.Server(null, "localhost"), "localhost");
        var certificates = Directory.CreateDirectory(Path.Combine(folder.FullName, "certs.d", $"localhost:{server.Url.Port}"));
        await File.WriteAllTextAsync(Path.Combine(certificates.FullName, "ca.crt"), authority.Pem);
        var cases = GoodScenarios.All.Concat(BadScenarios.All).Concat(StrictScenarios.All)
            .SelectMany(s => Enumerable.Repeat(s, s.Repeats))
            .Select((s, i) => (Scenario: s, Number: i));

        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (one, _) =>
            _results.Add(await CompareAsync(one.Scenario, one.Number, server, folder.FullName)));

        Report(watch.Elapsed);
        folder.Delete(recursive: true);
    }

    private static async Task<Result> CompareAsync(Scenario scenario, int number, NotarySimulator server, string root)
    {
        var folder = Directory.CreateDirectory(Path.Combine(root, number.ToString(System.Globalization.CultureInfo.InvariantCulture))).FullName;
        var repository = new RandomRepository(server, number, Seed + number);
        var certificates = Path.Combine(root, "certs.d");
        var notary = new NotaryClient(folder, repository.Name, server.Url, Path.Combine(certificates, $"localhost:{server.Url.Port}", "ca.crt"));
        await using var ours = new OurClient(folder, repository, certificates);
        var (kind, trail, trusted, questions) = (Kind.Agree, new List<string>(), false, 0);
        foreach (var _ in scenario.Steps(repository))
        {
            var theirs = await notary.AskAsync(repository.Pins);
            var mine = await ours.AskAsync(TagsOf(repository, theirs));
            trail.Add($"notary {theirs}\n    ours   {mine}");
            trusted = mine.IsTrusted;
            questions++;
            kind = (Kind)Math.Max((int)kind, (int)Judge(scenario, theirs, mine, ours.Fault));
        }

        return new Result(scenario, number, kind, trusted, ours.Fault, questions, string.Join("\n    ", trail));
    }

    // Stricter means: they trust, we refuse, and for the reason that the scenario names.
    private static Kind Judge(Scenario scenario, Verdict theirs, Verdict mine, RepositoryFault? fault)
    {
        if (theirs.Agrees(mine))
        {
            return Kind.Agree;
        }

        return scenario.Strict is not null && theirs.IsTrusted && !mine.IsTrusted && fault == scenario.Expected ? Kind.Strict : Kind.Unexplained;
    }

    private static IEnumerable<string> TagsOf(RandomRepository repository, Verdict theirs) =>
        Roles(repository.Metadata.Targets).SelectMany(r => r.Tags.Keys).Concat(theirs.Tags?.Keys ?? []).Distinct(StringComparer.Ordinal);

    private static IEnumerable<Testing.Metadata.TestTargets> Roles(Testing.Metadata.TestTargets role) =>
        role.Delegations.SelectMany(Roles).Prepend(role);

    private void Report(TimeSpan time)
    {
        var results = _results.OrderBy(r => r.Number).ToArray();
        foreach (var result in results.Where(r => r.Kind == Kind.Unexplained || r.Fault != r.Scenario.Expected))
        {
            output.WriteLine($"{result.Number} {result.Scenario.Name}: {result.Kind}, expected {result.Scenario.Expected}\n    {result.Trail}");
        }

        foreach (var group in results.Where(r => r.Kind == Kind.Strict).GroupBy(r => r.Scenario.Strict!))
        {
            output.WriteLine($"strict {group.Count(),3}: {group.Key}: {string.Join(", ", group.Select(r => r.Scenario.Name).Distinct())}");
        }

        var perFault = Faults.ToDictionary(f => f, f => results.Count(r => r.Fault == f));
        var trusted = results.Count(r => r.Trusted);
        output.WriteLine("refused for: " + string.Join(", ", perFault.Select(f => $"{f.Key} {f.Value}")));
        output.WriteLine($"{results.Length} repositories, {results.Sum(r => r.Questions)} questions to each client, {trusted} trusted, {time.TotalSeconds:0} s");
        output.WriteLine(
            $"figure: differential repositories: {Count(Kind.Agree)} agree / {Count(Kind.Strict)} strict / {Count(Kind.Unexplained)} unexplained"
                + $" (of {results.Length}; {100 * trusted / results.Length} % trusted, at least {perFault.Values.Min()} for each reason code)");

        Assert.Equal(0, Count(Kind.Unexplained));
        Assert.All(results, r => Assert.Equal(r.Scenario.Expected, r.Fault));
        Assert.True(results.Length >= LeastRepositories);
        Assert.True(trusted * 100 >= results.Length * 30, $"only {trusted} of {results.Length} are trusted");
        Assert.All(perFault, f => Assert.True(f.Value >= LeastPerFault, $"{f.Key}: only {f.Value}"));
        Assert.All(StrictScenarios.All, s => Assert.Contains(results, r => r.Scenario == s && r.Kind == Kind.Strict));

        int Count(Kind kind) => results.Count(r => r.Kind == kind);
    }

    private sealed record Result(Scenario Scenario, int Number, Kind Kind, bool Trusted, RepositoryFault? Fault, int Questions, string Trail);
}
