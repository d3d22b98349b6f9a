using System.Collections.Concurrent;
using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Registry;
using AuthzPlugin.Enforcement.Revocation;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace AuthzPlugin.Differential.Tests;

/// <summary>How the two verdicts about an image may differ.</summary>
internal enum Difference
{
    None,

    /// <summary>We have a rule by which we refuse what the tool takes.</summary>
    WeRefuse,

    /// <summary>We take what the tool does not know.</summary>
    WeTake,
}

/// <summary>One image and the two verdicts about it.</summary>
/// <param name="Case">The scenario and what it was tried with.</param>
/// <param name="Group">Whose figures it counts in, such as <c>cosign 2</c>.</param>
/// <param name="Reason"><c>trusted</c>, or why not: what our verdict must be.</param>
/// <param name="Detail">What both say.</param>
internal sealed record Judged(string Case, string Group, string Reason, Difference Allowed, bool Theirs, bool Ours, string Detail)
{
    public bool IsExplained => Allowed switch
    {
        Difference.WeRefuse => Theirs && !Ours,
        Difference.WeTake => !Theirs && Ours,
        _ => Theirs == Ours,
    };

    public bool IsExpected => Ours == (Reason == "trusted");
}

/// <summary>A simulated registry, our own reader of signatures beside a real tool, and what both said about its images. Safe for concurrent use.</summary>
internal sealed class SignatureComparison : IAsyncDisposable
{
    private const int LeastPerReason = 5;

    private readonly ConcurrentBag<Judged> _all = [];
    private readonly string _name;
    private readonly DirectoryInfo _folder;
    private readonly RegistryClient _client;
    private readonly RevocationService _revocation;
    private readonly SignatureService _ours;

    private SignatureComparison(string name, RegistrySimulator registry)
    {
        (_name, Registry, registry.HasReferrers) = (name, registry, true);
        _folder = Directory.CreateTempSubdirectory($"{name}-differential-");
        var options = new TrustDataOptions
        {
            CacheDirectory = Path.Combine(Folder, "trust"),
            CertificatesDirectory = Path.Combine(Folder, "certs.d"),
            CredentialsFile = Path.Combine(Folder, "config.json"),
            RequestTimeout = TimeSpan.FromSeconds(60),
            UpdateTimeout = TimeSpan.FromSeconds(120),
        };
        _client = new RegistryClient(options, new RegistryCredentials(options, TimeProvider.System), TimeProvider.System);
        _revocation = new RevocationService(options, new RevocationOptions(), TimeProvider.System, NullLogger<RevocationService>.Instance);
        _ours = new SignatureService(options, _client, _revocation, TimeProvider.System);
    }

    public RegistrySimulator Registry { get; }

    public string Folder => _folder.FullName;

    /// <param name="name">Of what is compared, for figures.</param>
    public static async Task<SignatureComparison> StartAsync(string name) => new(name, await RegistrySimulator.StartAsync());

    /// <summary>Does it for every case, three at a time.</summary>
    public static Task ForEachAsync<T>(IEnumerable<T> cases, Func<T, CancellationToken, Task> judge) => Parallel.ForEachAsync(
        cases, new ParallelOptions { MaxDegreeOfParallelism = 3 }, async (one, cancellation) => await judge(one, cancellation));

    /// <summary>A repository as the tools are given it: they ask a registry called localhost without TLS.</summary>
    public string NameOf(string path) => $"{Registry.Host.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)}/{path}";

    public async Task<(bool Trusted, string Text)> AskOursAsync(string repository, Digest image, SignatureDemand demand, CancellationToken cancellation)
    {
        Assert.True(ImageReferenceParser.TryParseNamed(repository, out var named, out _));
        var found = await _ours.FindAsync(named.Repository, image, demand, TimeSpan.Zero, cancellation);
        return (found.IsEnough, string.Join("; ", found.Lines.Select(l => l.Text)));
    }

    public void Add(string scenario, string group, string reason, Difference allowed, (bool Trusted, string Text) theirs, (bool Trusted, string Text) ours) => _all.Add(new Judged(
        $"{scenario}, {group}", group, reason, allowed, theirs.Trusted, ours.Trusted, $"theirs: {theirs.Text}\n    ours: {ours.Text}"));

    /// <summary>Writes the figures, and fails unless the verdicts agree wherever they must, in enough cases of every reason.</summary>
    public void Report(ITestOutputHelper output, int leastInGroup)
    {
        foreach (var wrong in _all.Where(r => !r.IsExplained || !r.IsExpected))
        {
            output.WriteLine($"{wrong.Case}: the tool {Word(wrong.Theirs)}, we {Word(wrong.Ours)}\n    {wrong.Detail}");
        }

        foreach (var group in _all.GroupBy(r => r.Group).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            var same = group.Where(r => r.Allowed == Difference.None).ToArray();
            int Explained(Difference by) => group.Count(r => r.Allowed == by && r.IsExplained);
            output.WriteLine(
                $"figure: {_name}, {group.Key} and ours: verdicts agree {same.Count(r => r.Theirs == r.Ours)}/{same.Length}, refused by a rule that it has not {Explained(Difference.WeRefuse)}, taken and not known to it {Explained(Difference.WeTake)}");
            Assert.True(group.Count() >= leastInGroup, $"{group.Key}: {group.Count()} cases");
        }

        output.WriteLine($"figure: {_name} cases trusted: {_all.Count(r => r.Ours)}/{_all.Count}");
        Assert.All(_all, r => Assert.True(r.IsExplained, r.Case));
        Assert.All(_all, r => Assert.True(r.IsExpected, r.Case));
        Assert.True(_all.Count(r => r.Ours) * 10 >= _all.Count * 3, "at least 30 % are trusted");
        Assert.All(_all.GroupBy(r => r.Reason), g => Assert.True(g.Count() >= LeastPerReason, g.Key));
    }

    public async ValueTask DisposeAsync()
    {
        await _ours.DisposeAsync();
        await _revocation.DisposeAsync();
        _client.Dispose();
        await Registry.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string Word(bool trusted) => trusted ? "trusts" : "refuses";
}
