using System.Globalization;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Trust.Cosign;
using AuthzPlugin.Trust.References;
using Xunit.Abstractions;

namespace AuthzPlugin.Enforcement.Tests.Import;

/// <summary>Generated files against a model of how containers-policy.json(5) finds the scope of a reference: nothing is ever admitted that it refuses.</summary>
public sealed class ContainersScopes(ITestOutputHelper output) : IDisposable
{
    private static readonly string[] Scopes =
    [
        "", "a.example.com", "*.example.com", "*.b.example.com", "a.example.com/x", "a.example.com/x/y", "a.example.com/x/y:1", "a.example.com/x:2",
        "a.example.com/xy", "x.b.example.com/x", "x.b.example.com", "other.test:5000", "other.test:5000/x@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "a.example.com/x/y/z",
    ];

    private static readonly string[] Repositories =
    [
        "a.example.com/x", "a.example.com/x/y", "a.example.com/x/y/z", "a.example.com/xy", "a.example.com/xz", "c.example.com/x", "x.b.example.com/x",
        "x.b.example.com/y", "y.b.example.com/x", "other.test:5000/x", "other.test:5000/x/y", "third.test/x",
    ];

    private readonly Imported _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void What_the_stanza_admits_the_file_admits_with_the_same_keys()
    {
        const int Files = 400;
        string[] words = ["accept", "reject", _files.Key("a.pub"), _files.Key("b.pub")];
        var names = words.Skip(2).ToDictionary(IdOf, StringComparer.Ordinal);
        var random = new Random(7);
        var (admitted, refused, stricter) = (0, 0, 0);
        for (var i = 0; i < Files; i++)
        {
            var chosen = Scopes.Where(_ => random.Next(3) == 0).ToDictionary(s => s, _ => words[random.Next(words.Length)], StringComparer.Ordinal);
            var rest = words[random.Next(words.Length)];
            var result = _files.Containers($$"""
                { "default": [{{Requirement(rest)}}], "transports": { "docker": { {{string.Join(", ", chosen.Select(c => $"\"{c.Key}\": [{Requirement(c.Value)}]"))}} } } }
                """);
            var read = Imported.Read(result);
            Assert.Empty(read.Problems);
            foreach (var (repository, tag) in Repositories.SelectMany(r => new[] { (r, ":1"), (r, ":2"), (r, ":3"), (r, "@sha256:" + new string('0', 64)) }))
            {
                var there = chosen.GetValueOrDefault(ScopeOf(repository, tag, chosen.Keys) ?? "none", rest);
                var here = Admitted(read.Policy!.Signatures, repository, names);
                Assert.True(here is null || there == "accept" || there == here, $"{repository}{tag}: {there} became {here} in {result.Stanza}");
                _ = here is not null ? admitted++ : there == "reject" ? refused++ : stricter++;
                if (chosen.Keys.All(s => !s.StartsWith('*') && !s.Contains('@', StringComparison.Ordinal) && s.LastIndexOf(':') <= s.LastIndexOf('/')) && there is not ("accept" or "reject"))
                {
                    // Every scope has a pattern then.
                    Assert.Equal(there, here);
                }
            }
        }

        Assert.True(admitted > 1000 && refused > 1000, $"{admitted} and {refused}");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"figure: import of {Files} generated containers policies: references admitted by the same keys {admitted}, refused as there {refused}, stricter {stricter}, looser 0"));
    }

    private static string Requirement(string word) => word switch
    {
        "accept" => """{ "type": "insecureAcceptAnything" }""",
        "reject" => """{ "type": "reject" }""",
        _ => $$"""{ "type": "sigstoreSigned", "keyPath": "{{word}}" }""",
    };

    /// <summary>The whole reference, the repository, each namespace above it, the host, the domains above it, and what is said for the transport.</summary>
    private static string? ScopeOf(string repository, string tag, ICollection<string> scopes)
    {
        var candidates = new List<string> { repository + tag };
        for (var name = repository; name.Length > 0; name = name.LastIndexOf('/') is var slash and > 0 ? name[..slash] : "")
        {
            candidates.Add(name);
        }

        for (var host = repository.Split('/')[0]; host.Contains('.', StringComparison.Ordinal);)
        {
            host = host[(host.IndexOf('.', StringComparison.Ordinal) + 1)..];
            candidates.Add("*." + host);
        }

        candidates.Add("");
        return candidates.Find(scopes.Contains);
    }

    private static string IdOf(string path)
    {
        Assert.True(CosignKey.TryRead(File.ReadAllText(path), out var key, out _));
        return key.Id;
    }

    private static string? Admitted(SignaturePolicies policies, string repository, Dictionary<string, string> names)
    {
        Assert.True(ImageReferenceParser.TryParseNamed(repository, out var reference, out _));
        return policies.Match(reference.Repository)?.Demands.OfType<CosignPolicy>().SingleOrDefault() is { } cosign ? names[cosign.Keys[0].Id] : null;
    }
}
