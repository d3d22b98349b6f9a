using System.Text;
using AuthzPlugin.Gate.ClassicBuilds;
using AuthzPlugin.Gate.Dockerfiles;

namespace AuthzPlugin.Proof;

/// <summary>What callers hand in with a build: Dockerfiles, contexts, and what the engine answers.</summary>
internal static class BuildTargets
{
    private const string Pinned = "FROM registry.example.com/team/app@sha256:00\n";

    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new(
            "dockerfiles",
            Texts(
                "# syntax=docker/dockerfile:1\n# escape=`\nARG V=3\nFROM --platform=linux/amd64 alpine:${V:-4} AS a\nRUN x `\n  y\nCOPY --from=a / /\n",
                "FROM \"alpine\"\nRUN --mount=type=bind,from=busybox,target=/x <<-EOF cat\n\tFROM evil\n\tEOF\nONBUILD COPY --from=nginx / /\nADD a b\n",
                "\ufeffARG A=1 B='x y'\r\nFROM \\\r\n# c\r\n  $A\r\nFROM scratch\r\n"),
            Dockerfile),
        new("build-contexts", [Context(), [.. Entry("l", '2', ""), .. Entry("././@LongLink", 'L', "Dockerfile\0"), .. Entry("Dockerfile", '0', "FROM a\n")]], ContextOf),
        new(
            "build-answers",
            Texts("{\"stream\":\"Step 1/1\"}\r\n{\"aux\":{\"ID\":\"sha256:" + new string('1', 64) + "\"}}\r\n{\"stream\":\"Successfully built\"}\r\n"),
            Answer),
    ];

    private static string? Dockerfile(byte[] input)
    {
        _ = SyntaxDirective.Find(input);
        return Enum.GetValues<BuilderKind>().Select(builder => Read(input, builder)).FirstOrDefault(problem => problem is not null);
    }

    // Whatever is accepted can be pinned, names nothing else then, and is read the same by both builders' rules.
    private static string? Read(byte[] input, BuilderKind builder)
    {
        var options = DockerfileOptions.Of(builder);
        var reading = DockerfileReader.Read(input, options);
        if (reading.Problem is { } problem)
        {
            return problem.Text.All(c => c is >= ' ' and <= '~') ? null : "a problem that is not one printable line: " + problem.Text;
        }

        const string Signed = "registry.example.com/x@sha256:0";
        var pinned = DockerfileRewriter.Apply(input, [.. reading.Literals, .. reading.Images.Select(i => new Replacement(i.Place, Signed))]);
        var again = DockerfileReader.Read(pinned, options);
        return again.Problem is null && again.Stages.Count == reading.Stages.Count && again.Images.All(i => i.Reference == Signed)
            ? null
            : "a pinned file that is read differently";
    }

    private static string? ContextOf(byte[] input)
    {
        // Otherwise nearly every change is found by a checksum, and nothing behind it is tried.
        for (var at = 0; at + 512 <= input.Length; at += 512)
        {
            if (input.AsSpan(at + 257).StartsWith("ustar"u8))
            {
                Seal(input.AsSpan(at, 512));
            }
        }

        try
        {
            var plain = Compression.Undo(input.AsSpan(0, Math.Min(input.Length, Compression.PeekLength)), new MemoryStream(input));
            using var stream = new BuildContextStream(plain, new DockerfileWatch(""), 1024, (_, _) => Task.FromResult(Encoding.UTF8.GetBytes(Pinned)));
            using var result = new MemoryStream();
            stream.CopyToAsync(result).GetAwaiter().GetResult();
            return Files(result.ToArray());
        }
        catch (ContextException e)
        {
            return e.Message.All(c => c is >= ' ' and <= '~') ? null : "a problem that is not one printable line: " + e.Message;
        }
    }

    // The runtime's reader, which is another than ours, must find the pinned Dockerfile, and no other in its place.
    private static string? Files(byte[] forwarded)
    {
        var found = 0;
        try
        {
            using var reader = new System.Formats.Tar.TarReader(new MemoryStream(forwarded));
            while (reader.GetNextEntry(copyData: true) is { } entry)
            {
                if (entry.Name.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".").ToArray() is ["Dockerfile"])
                {
                    using var content = new StreamReader(entry.DataStream ?? Stream.Null);
                    found += content.ReadToEnd() == Pinned ? 1 : 100;
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or EndOfStreamException or NotSupportedException or ArgumentException or OverflowException)
        {
            // That reader is stricter about numbers that we pass on.
            return null;
        }

        return found <= 1 ? null : "a Dockerfile that was not pinned";
    }

    private static string? Answer(byte[] input)
    {
        var output = new BuildOutput();
        output.Feed(input);
        _ = output.ImageId;
        return null;
    }

    private static byte[] Context()
    {
        using var stream = new MemoryStream();
        using (var writer = new System.Formats.Tar.TarWriter(stream, leaveOpen: true))
        {
            writer.WriteEntry(new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.Directory, "a/"));
            writer.WriteEntry(new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, "Dockerfile") { DataStream = new MemoryStream("FROM a\n"u8.ToArray()) });
        }

        return stream.ToArray();
    }

    private static byte[] Entry(string name, char type, string content)
    {
        var block = new byte[512];
        Encoding.ASCII.GetBytes(name).CopyTo(block, 0);
        Encoding.ASCII.GetBytes(Convert.ToString(content.Length, 8).PadLeft(11, '0')).CopyTo(block, 124);
        block[156] = (byte)type;
        "ustar\0"u8.CopyTo(block.AsSpan(257));
        Seal(block);
        return [.. block, .. Encoding.ASCII.GetBytes(content), .. new byte[(512 - (content.Length % 512)) % 512]];
    }

    private static void Seal(Span<byte> block)
    {
        block.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var b in block)
        {
            sum += b;
        }

        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(block[148..]);
    }

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];
}
