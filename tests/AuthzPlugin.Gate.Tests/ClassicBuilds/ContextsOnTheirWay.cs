using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using AuthzPlugin.Gate.ClassicBuilds;
using static AuthzPlugin.Gate.Tests.ClassicBuilds.TarWriting;

namespace AuthzPlugin.Gate.Tests.ClassicBuilds;

/// <summary>What of a build context goes on to the engine.</summary>
public sealed class ContextsOnTheirWay
{
    private const string Pinned = "FROM registry.example.com/team/base@sha256:00\n# longer than it was\n";

    /// <summary>Name, context, the request's parameter, name of the entry that is the Dockerfile.</summary>
    public static TheoryData<string, byte[], string, string> Accepted => new()
    {
        { "alone", Archive(File("Dockerfile")), "", "Dockerfile" },
        { "first", Archive(File("Dockerfile"), File("a", "x")), "Dockerfile", "Dockerfile" },
        { "last", Archive(Folder("a/"), File("a/b", new string('x', 3000)), Link("l", "a/b"), File("Dockerfile")), "", "Dockerfile" },
        { "with a dot", Archive(Folder("./"), File("./Dockerfile")), "", "./Dockerfile" },
        { "with a slash", Archive(File("/Dockerfile")), "", "/Dockerfile" },
        { "other name", Archive(File("Dockerfile"), File("build/My.Dockerfile")), "build/My.Dockerfile", "build/My.Dockerfile" },
        { "other name, odd spelling", Archive(Folder("build/"), File("build/x")), "./build//x", "build/x" },
        { "lower case", Archive(File("dockerfile")), "", "dockerfile" },
        { "both cases, the engine reads the capital one", Archive(File("Dockerfile"), Folder("dockerfile")), "", "Dockerfile" },
        { "a folder in lower case before", Archive(Folder("dockerfile"), File("Dockerfile")), "", "Dockerfile" },
        { "GNU", Archive(File("Dockerfile", format: TarEntryFormat.Gnu)), "", "Dockerfile" },
        { "V7", Archive(File("Dockerfile", format: TarEntryFormat.V7)), "", "Dockerfile" },
        { "GNU long name", Archive(File(new string('d', 90) + "/" + new string('f', 90), format: TarEntryFormat.Gnu)), $"{new string('d', 90)}/{new string('f', 90)}", $"{new string('d', 90)}/{new string('f', 90)}" },
        { "PAX long name", Archive(File(new string('d', 120) + "/" + new string('f', 120))), $"{new string('d', 120)}/{new string('f', 120)}", $"{new string('d', 120)}/{new string('f', 120)}" },
        { "ustar prefix", Archive(File(new string('d', 90) + "/" + new string('f', 90), format: TarEntryFormat.Ustar)), $"{new string('d', 90)}/{new string('f', 90)}", $"{new string('d', 90)}/{new string('f', 90)}" },
        { "not ASCII", Archive(File("D\u00f6ckerfile")), "D\u00f6ckerfile", "D\u00f6ckerfile" },
        { "git archive", Join(Raw("pax_global_header", 'g', Records("comment=abc")), Raw("Dockerfile", '0', Dockerfile)), "", "Dockerfile" },
        { "a hard link to it", Archive(File("Dockerfile"), Link("x", "Dockerfile", TarEntryType.HardLink)), "", "Dockerfile" },
        { "no end blocks", Archive(File("Dockerfile"))[..^1024], "", "Dockerfile" },
        { "a full record after the end", [.. Archive(File("Dockerfile")), .. new byte[10240]], "", "Dockerfile" },
        { "empty file after it", Archive(File("Dockerfile"), File("e", "")), "", "Dockerfile" },
    };

    [Theory]
    [MemberData(nameof(Accepted), DisableDiscoveryEnumeration = true)]
    public async Task Everything_but_the_Dockerfile_goes_on_as_it_is(string name, byte[] context, string parameter, string dockerfile)
    {
        foreach (var form in new[] { context, Zip(context) })
        {
            var forwarded = await ForwardAsync(form, parameter);
            var entries = Entries(forwarded);
            Assert.Equal(Entries(context).Select(e => e.Name), entries.Select(e => e.Name));
            foreach (var (before, after) in Entries(context).Zip(entries))
            {
                Assert.Equal((name, before.Name == dockerfile ? Pinned : before.Content), (name, after.Content));
                Assert.Equal((before.Type, before.Mode, before.Time), (after.Type, after.Mode, after.Time));
            }
        }
    }

    public static TheoryData<string, byte[], string, string> Refused => new()
    {
        { "no Dockerfile", Archive(File("a")), "", "has no Dockerfile" },
        { "not the one that is named", Archive(File("Dockerfile")), "other", "has no other" },
        { "only in lower case, another named", Archive(File("other")), "Other", "has no Other" },
        { "twice", Archive(File("Dockerfile"), File("Dockerfile")), "", "twice" },
        { "twice, odd spelling", Archive(File("Dockerfile"), File("./Dockerfile")), "", "twice" },
        { "twice, doubled slash", Archive(File("a/Dockerfile"), File("a//Dockerfile")), "a/Dockerfile", "twice" },
        { "twice in lower case", Archive(File("dockerfile"), File("dockerfile")), "", "twice" },
        { "with a way up", Archive(File("a/../Dockerfile")), "", ".." },
        { "out of the context", Archive(File("Dockerfile"), File("../x")), "", ".." },
        { "parameter with a way up", Archive(File("Dockerfile")), "a/../Dockerfile", ".." },
        { "parameter with a backslash", Archive(File("Dockerfile")), "a\\Dockerfile", "no Dockerfile by the name" },
        { "symbolic link", Archive(File("a"), Link("Dockerfile", "a")), "", "as a symbolic link" },
        { "replaced by a symbolic link", Archive(File("Dockerfile"), File("a"), Link("Dockerfile", "a")), "", "twice" },
        { "hard link", Archive(File("a"), Link("Dockerfile", "a", TarEntryType.HardLink)), "", "as a hard link" },
        { "folder", Archive(Folder("Dockerfile")), "", "as a folder" },
        { "lower case link alone", Archive(File("a"), Link("dockerfile", "a")), "", "not as a file" },
        { "below a link", Archive(Link("b", "."), File("Dockerfile"), File("b/Dockerfile")), "", "through the symbolic link b" },
        { "below a link, deeper", Archive(Link("x/b", ".."), File("Dockerfile"), File("x/b/c/d")), "", "through the symbolic link x/b" },
        { "its folder is a link", Archive(Folder("c"), File("c/Dockerfile"), Link("b", "c"), File("a")), "b/Dockerfile", "in place of a folder" },
        { "its folder becomes a link", Archive(Folder("b"), File("b/Dockerfile"), Link("b", "c")), "b/Dockerfile", "in place of a folder" },
        { "its folder becomes a file", Archive(Folder("b"), File("b/Dockerfile"), File("b")), "b/Dockerfile", "in place of a folder" },
        { "removed by a global header", Join(Raw("dockerfile", '0', Dockerfile), Raw("Dockerfile", '0', Dockerfile), Raw("Dockerfile", 'g', Records("comment=a"))), "", "twice" },
        { "global header with a name", Join(Raw("g", 'g', Records("path=Dockerfile")), Raw("a", '0', Dockerfile)), "", "gives names" },
        { "PAX name and GNU name", Join(Raw("x", 'x', Records("path=a")), Raw("l", 'L', "Dockerfile\0"), Raw("b", '0', Dockerfile)), "", "two long names" },
        { "two PAX names", Join(Raw("x", 'x', Records("path=a", "path=Dockerfile")), Raw("b", '0', Dockerfile)), "", "two records path" },
        { "two PAX headers", Join(Raw("x", 'x', Records("path=a")), Raw("x", 'x', Records("path=Dockerfile")), Raw("b", '0', Dockerfile)), "", "two extended headers" },
        { "two GNU names", Join(Raw("l", 'L', "a\0"), Raw("l", 'L', "Dockerfile\0"), Raw("b", '0', Dockerfile)), "", "two extended headers" },
        { "GNU name that ends early", Join(Raw("l", 'L', "Dockerfile\0x\0"), Raw("b", '0', Dockerfile)), "", "zero byte" },
        { "PAX size", Join(Raw("x", 'x', Records("size=10")), Raw("Dockerfile", '0', Dockerfile)), "", "extended header" },
        { "PAX record with a wrong length", Join(Raw("x", 'x', "99 path=a\n"), Raw("Dockerfile", '0', Dockerfile)), "", "not well formed" },
        { "PAX record with a zero before", Join(Raw("x", 'x', "010 path=a\n"), Raw("Dockerfile", '0', Dockerfile)), "", "not well formed" },
        { "sparse, GNU", Join(Raw("Dockerfile", 'S', Dockerfile)), "", "sparse" },
        { "sparse, PAX", Join(Raw("x", 'x', Records("GNU.sparse.name=Dockerfile")), Raw("b", '0', Dockerfile)), "", "sparse" },
        { "link with a content", Join(Raw("a", '2', "hidden"), Raw("Dockerfile", '0', Dockerfile)), "", "with a content" },
        { "old folder with a content", Join(Raw("a/", '\0', "hidden"), Raw("Dockerfile", '0', Dockerfile)), "", "with a content" },
        { "file that ends with a slash", Join(Raw("Dockerfile/", '0', Dockerfile)), "", "ends with a slash" },
        { "contiguous file", Join(Raw("Dockerfile", '7', Dockerfile)), "", "unusual type" },
        { "star prefix", Join(Raw("Dockerfile", '0', Dockerfile, b => Put(b, 508, "tar\0"))), "", "star format" },
        { "GNU header with a prefix", Join(Raw("x", '0', Dockerfile, b => { Put(b, 257, "ustar  \0"); Put(b, 345, "Dockerfile"); })), "", "no numbers" },
        { "negative size", Join(Raw("Dockerfile", '0', Dockerfile, b => Put(b, 124, new string('\u00ff', 12)))), "", "negative" },
        { "size with a letter", Join(Raw("Dockerfile", '0', Dockerfile, b => Put(b, 124, "0000000001x\0"))), "", "a number in a header" },
        { "wrong checksum", [.. new byte[] { 1 }, .. Archive(File("Dockerfile"))[1..]], "", "checksum" },
        { "a Dockerfile that is no archive", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("FROM base\nRUN something\n", 40))), "", "not a tar archive" },
        { "cut in a header", Archive(File("Dockerfile"))[..700], "", "in the middle" },
        { "cut in a content", Archive(File("Dockerfile"), File("a", new string('x', 5000)))[..3000], "", "in the middle" },
        { "goes on after an empty block", [.. Raw("Dockerfile", '0', Dockerfile), .. new byte[512], .. Raw("Dockerfile", '0', Dockerfile)], "", "empty block" },
        { "ends after an extended header", Join(Raw("Dockerfile", '0', Dockerfile), Raw("l", 'L', "x\0")), "", "after an extended header" },
        { "Dockerfile too large", Archive(File("Dockerfile", new string('x', (1024 * 1024) + 1))), "", "more than" },
        { "bzip2", [.. "BZh9"u8, .. new byte[600]], "", "bzip2" },
        { "xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, .. new byte[600]], "", "xz" },
        { "zstd", [0x28, 0xB5, 0x2F, 0xFD, .. new byte[600]], "", "zstd" },
        { "bzip2 inside gzip", Zip([.. "BZh9"u8, .. new byte[1020]]), "", "inside its compression" },
        { "gzip inside gzip", Zip(Zip(Archive(File("Dockerfile"), File("a", RandomText())))), "", "inside its compression" },
        { "damaged gzip", Damaged(), "", "damaged" },
        { "empty", [], "", "has no Dockerfile" },
    };

    [Theory]
    [MemberData(nameof(Refused), DisableDiscoveryEnumeration = true)]
    public async Task What_the_engine_might_unpack_differently_has_no_end(string name, byte[] context, string parameter, string part)
    {
        var problem = await Assert.ThrowsAsync<ContextException>(() => ForwardAsync(context, parameter));
        Assert.True(problem.Message.Contains(part, StringComparison.Ordinal), $"{name}: {problem.Message}");
        Assert.DoesNotContain(problem.Message, c => c is < ' ' or > '~');
    }

    [Fact]
    public async Task A_fallback_that_is_refused_matters_only_when_the_engine_reads_it()
    {
        var refusal = new BuildRefusedException(BuildDecisions.ByPolicy("no"));
        DockerfilePinner pin = (content, _) =>
            content.Span.SequenceEqual("bad"u8) ? throw refusal : Task.FromResult(Encoding.UTF8.GetBytes(Pinned));
        Assert.Equal(
            ["bad", Pinned],
            Entries(await ForwardAsync(Archive(File("dockerfile", "bad"), File("Dockerfile")), "", pin)).Select(e => e.Content));
        Assert.Same(refusal, await Assert.ThrowsAsync<BuildRefusedException>(() => ForwardAsync(Archive(File("dockerfile", "bad")), "", pin)));
    }

    [Fact]
    public async Task A_context_of_a_gibibyte_passes_in_constant_memory()
    {
        const long Size = 1L << 30;
        var source = new LongContext(Size);
        await using var stream = new BuildContextStream(source, new DockerfileWatch(""), 1024, (_, _) => Task.FromResult(Encoding.UTF8.GetBytes(Pinned)));
        var buffer = new byte[64 * 1024];
        _ = await stream.ReadAsync(buffer);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var total = 0L;
        int read;
        while ((read = await stream.ReadAsync(buffer)) > 0)
        {
            total += read;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(total > Size);
        Assert.True(allocated < 8 * 1024 * 1024, $"{allocated} bytes were allocated for a gibibyte");
        Console.WriteLine($"figure: classic build context of 1 GiB passes with {allocated / 1024} KiB allocated");
    }

    private static async Task<byte[]> ForwardAsync(byte[] context, string parameter, DockerfilePinner? pin = null)
    {
        var start = context.Take(Compression.PeekLength).ToArray();
        var plain = Compression.Undo(start, new PrefixedStream(start, new MemoryStream(context[start.Length..])));
        var name = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(parameter));
        await using var stream = new BuildContextStream(plain, new DockerfileWatch(name), 1024 * 1024, pin ?? Pin);
        using var result = new MemoryStream();
        await stream.CopyToAsync(result, 1000);
        return result.ToArray();

        static Task<byte[]> Pin(ReadOnlyMemory<byte> content, CancellationToken cancellation)
        {
            Assert.Equal(Dockerfile, Encoding.UTF8.GetString(content.Span));
            return Task.FromResult(Encoding.UTF8.GetBytes(Pinned));
        }
    }

    private static List<(string Name, TarEntryType Type, UnixFileMode Mode, DateTimeOffset Time, string Content)> Entries(byte[] archive)
    {
        using var reader = new System.Formats.Tar.TarReader(new MemoryStream(archive));
        var result = new List<(string, TarEntryType, UnixFileMode, DateTimeOffset, string)>();
        while (reader.GetNextEntry(copyData: true) is { } entry)
        {
            using var content = new StreamReader(entry.DataStream ?? Stream.Null);
            result.Add((entry.Name, entry.EntryType, entry.Mode, entry.ModificationTime, content.ReadToEnd()));
        }

        return result;
    }

    private static byte[] Zip(byte[] bytes)
    {
        using var result = new MemoryStream();
        using (var zip = new GZipStream(result, CompressionLevel.Fastest))
        {
            zip.Write(bytes);
        }

        return result.ToArray();
    }

    private static byte[] Damaged()
    {
        var bytes = Zip(Archive(File("Dockerfile"), File("a", RandomText())));
        bytes[^8] ^= 1;
        return bytes;
    }

    private static string RandomText() =>
        string.Concat(Enumerable.Range(0, 2000).Select(i => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(i)))));
}
