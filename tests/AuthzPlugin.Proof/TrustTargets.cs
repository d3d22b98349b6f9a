using System.Globalization;
using System.Text;
using AuthzPlugin.Enforcement.TrustData.Cache;
using AuthzPlugin.Enforcement.TrustData.Tokens;
using AuthzPlugin.Testing.Metadata;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Json;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.References;
using AuthzPlugin.Trust.Verification;

namespace AuthzPlugin.Proof;

/// <summary>Metadata of every role, canonical JSON, references, cache files and answers of token servers.</summary>
internal static class TrustTargets
{
    private static readonly TestRepository Repository = NewRepository();
    private static readonly PublishedMetadata Files = Repository.Publish();

    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        .. new[] { "root", "timestamp", "snapshot", "targets", "targets/releases" }.Select(Role),
        new("canonical-json", [.. Files.Files.Values, .. Texts("""{"b":[1,-2,{"é":null}],"a":"\u00e9\ud83d\ude00\\\""}""")], CanonicalJson),
        new("references", Texts("alpine", "registry.example.com:5000/team/app:1.0", "a/b@sha256:" + new string('a', 64), new string('0', 64), "[::1]:5000/x"), Reference),
        new("cache-file", [Joined(Cached())], CacheFileOf),
        new("version-memory", [RepositoryMemoryFile.Write(Repository.Repository, Memory())], MemoryOf),
        new("token-answer", Texts("""{"token":"abc","access_token":"def","expires_in":300,"issued_at":"2026-06-01T12:00:00Z"}"""), Token),
        new("challenge", Texts("realm=\"https://auth.example.com/token\",service=\"a \\\"b\\\"\",scope=\"x\"", "realm=a, error=b"), ChallengeOf),
    ];

    private static TestRepository NewRepository()
    {
        var repository = new TestRepository();
        repository.Targets.Tags["1"] = new string('1', 64);
        repository.Delegate("targets/releases").Tags["2"] = new string('2', 64);
        return repository;
    }

    private static FuzzTarget Role(string role) => new(role.Replace('/', '-'), [Files[role]], input => Metadata(role, input));

    // Nothing but a RepositoryException may come out, and what is accepted is what was signed. Parents are not signed anew here (the
    // mutation tests do that), but the readers see every input: hashes are checked after them.
    private static string? Metadata(string role, byte[] input)
    {
        try
        {
            var name = RoleName.TryParse(role, out var parsed) ? parsed : RoleName.Root;
            var file = MetadataFile.Parse(name, input, MetadataLimits.Default);
            _ = file.SignedBytes.Length;
            Read(role, file);
        }
        catch (RepositoryException e)
        {
            return IsOneLine(e.Message) ? null : "a message that is not one printable line: " + e.Message;
        }

        return role == "root" ? Accepted(input) : null;
    }

    private static void Read(string role, MetadataFile file)
    {
        _ = role switch
        {
            "root" => (object)RootMetadata.Read(file, MetadataLimits.Default),
            "timestamp" => TimestampMetadata.Read(file),
            "snapshot" => SnapshotMetadata.Read(file, MetadataLimits.Default),
            _ => TargetsMetadata.Read(file, MetadataLimits.Default),
        };
    }

    private static string? Accepted(byte[] root)
    {
        try
        {
            var set = new TrustedMetadataSet(
                Repository.Repository, Repository.Pin(), Repository.Now, MetadataLimits.Default, VersionFloors.None, allowExpired: false);
            set.LoadRoot(root);
            set.CompleteRoot();
            return set.RootVersion == Repository.Root.Version ? null : "another root was accepted";
        }
        catch (RepositoryException)
        {
            return null;
        }
    }

    private static string? CanonicalJson(byte[] input)
    {
        try
        {
            var first = Trust.Json.CanonicalJson.Of(StrictJson.Parse(input, 32, 100_000).Root).ToArray();
            if (first.Any(b => b < 0x20))
            {
                return null;
            }

            var second = Trust.Json.CanonicalJson.Of(StrictJson.Parse(first, 32, 100_000).Root);
            return second.Span.SequenceEqual(first) ? null : "the canonical form is not its own";
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string? Reference(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (!ImageReference.TryParse(text, out var reference, out var problem))
        {
            return problem.Length > 0 ? null : "no problem is named";
        }

        return ImageReference.TryParse(reference.ToString(), out var again, out _) && again.ToString() == reference.ToString()
            ? null
            : $"it reads differently again: {reference}";
    }

    private static string? CacheFileOf(byte[] input)
    {
        var files = CacheFile.Read(Repository.Repository, input);
        return files is null || CacheFile.Read(Repository.Repository, Joined(files)) is not null ? null : "it cannot be written";
    }

    private static byte[] Joined(MetadataFiles files) => [.. CacheFile.Write(Repository.Repository, files).SelectMany(p => p.ToArray())];

    private static string? MemoryOf(byte[] input)
    {
        // Only what was written is read: the checksum finds everything else, but a change of white space around it.
        var memory = RepositoryMemoryFile.Read(Repository.Repository, input);
        return memory is null || memory.Lines[0].Versions[RoleName.Root] == 7 ? null : "another memory was read";
    }

    private static string? Token(byte[] input)
    {
        var now = DateTimeOffset.UnixEpoch.AddYears(56);
        return TokenAnswer.Parse(input, now) is { } answer && (answer.ExpiresAt > now.AddDays(1) || answer.Token.Any(c => c is < '!' or > '~'))
            ? "a token of another form or life: " + answer
            : null;
    }

    private static string? ChallengeOf(byte[] input)
    {
        // No HTTP client hands out header values with these.
        var text = Encoding.Latin1.GetString(input);
        if (text.AsSpan().ContainsAny("\r\n\0"))
        {
            return null;
        }

        _ = Challenge.From(new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", text));
        return null;
    }

    private static MetadataFiles Cached() => new(Files.Files.Select(f =>
        KeyValuePair.Create(RoleName.TryParse(f.Key, out var role) ? role : RoleName.Root, f.Value)));

    private static RepositoryMemory Memory() => new(
        [new RootLine(
            [new string('a', 64)],
            [new string('b', 64)],
            new Dictionary<RoleName, long> { [RoleName.Root] = 7, [RoleName.Timestamp] = 9 },
            new Dictionary<RoleName, string> { [RoleName.Timestamp] = new string('c', 64) })],
        DateTimeOffset.Parse("2026-06-01T12:00:00Z", CultureInfo.InvariantCulture),
        null);

    private static bool IsOneLine(string message) => message.All(c => c is >= ' ' and <= '~');

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];
}
