using System.Formats.Tar;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using AuthzPlugin.Gate.Dockerfiles;
using AuthzPlugin.Lab.Tests.Support;
using Xunit.Abstractions;

namespace AuthzPlugin.Lab.Tests;

/// <summary>
/// The gate's reading of Dockerfiles against the real engine's: each file goes to the engine past the gate, and what its output says
/// about every FROM must be what the gate would have decided. What the gate refuses to read may be anything.
/// </summary>
[Collection(LabFixture.Collection)]
public sealed partial class GateDockerfileReading(LabFixture lab, ITestOutputHelper output)
{
    private const int Drawn = 300;

    // $a and $b stand for two images; nothing in them runs.
    private static readonly string[] Written =
    [
        "FROM {a}\nFROM {b}\n",
        "ARG I={a}\nFROM $I\nARG I={b}\nFROM ${I}\n",
        "ARG A={a}\nARG B={b}\nARG I=${A:+$B}\nFROM $I\nFROM \"${NONE:-$A}\"\n",
        "ARG N=\"{a}\" M='{b}'\nFROM $M AS x\nFROM $N\nFROM X\n",
        "FROM \\\n# FROM {b}\n  {a}\nENV x=\\\n\nFROM\\\nFROM {b}\n",
        "# escape=`\nFROM `\n{a}\nENV p=c:\\\nFROM {b}\n",
        "# syntax=x\n# escape=`\nFROM {a}\nENV p=\\\nFROM {b}\n",
        "# check=x\n# escape=`\nFROM {a}\nENV p=\\\nFROM {b}\n",
        "\n# escape=`\nFROM {a}\nENV p=`\nFROM {b}\n",
        " # escape=`\nFROM {a}\nENV p=`\nFROM {b}\n",
        "#\u00a0escape=`\nFROM {a}\nENV p=`\nFROM {b}\n",
        "\u00a0FROM {a}\n\u2003FROM {b}\n",
        "\ufeffFROM {a}\nFROM {b}",
        "FROM {a}\r\nENV x=\\\r\n  y\r\nFROM {b}\r\n",
        "FROM {a}\nENV x=\\\\\nFROM {b}\n",
        "FROM {a}\nENV x=\\\\\\\nFROM {b}\n",
        "FROM {a}\nENV x=\\ \t\nFROM={b}\n",
        "fRoM\t{a}\tAs\tc\n\vFROM {b}\n",
        "FROM --platform=linux/amd64 {a}\nFROM {b}\n",
        "FROM {a}\\\n\nFROM {b}\n",
        "FROM {a} AS b1\nFROM {b} AS a1\nFROM b1\nFROM a1\n",
        "FROM \"{a}\"\nFROM '{b}'\n",
        "ARG A='{a}' B=$A\nFROM ${B:-{b}}\n",
    ];

    private static readonly string[] Lines =
    [
        "FROM {a}\n", "FROM {b} AS c\n", "from {a}  as d\n", "FROM $X\n", "FROM ${X:-{a}}\n", "FROM ${Y:+{b}}{a}\n", "FROM c\n", "ARG X={b}\n", "ARG X\n", "ENV y=z\n",
        "LABEL \"a\"=b\n", "ENV p=\\\n", "FROM \\\n{a}\n", "ENV q=\\\\\n", "# comment\n", "\n", "ENV r='FROM {b}'\n", "FROM \"{b}\"\n", "EXPOSE 1 \\\n# c\n2\n",
    ];

    // Each put into a place of its own.
    private static readonly string[] Pieces =
    [
        "# escape=`\n", "# syntax=z\n", "#", "\\", "`", " ", "\t", "\v", "\u00a0", "\u2003", "\u0085", "\r", "\n", "\r\n", "\\\n", "`\n", "\\ \n", "'", "\"", "$", "\ufeff", "--", "=", "<<E ",
    ];

    [Fact]
    public Task The_engine_begins_from_the_images_that_the_gate_reads() => lab.TestAsync(async () =>
    {
        var a = await lab.LocalAsync("reading/a", "1");
        var b = await lab.LocalAsync("reading/b", "1");
        await lab.WithPolicyAsync(p => p["builds"] = "allow");
        var random = new Random(20_10_24);
        var drawn = Enumerable.Range(0, Drawn).Select(_ => Draw(random));
        var (read, refused, failed) = (0, 0, 0);
        foreach (var template in Written.Concat(drawn))
        {
            var text = template.Replace("{a}", a.Reference, StringComparison.Ordinal).Replace("{b}", b.Reference, StringComparison.Ordinal);
            var reading = DockerfileReader.Read(Encoding.UTF8.GetBytes(text), DockerfileOptions.Of(BuilderKind.Classic));
            if (reading.Problem is not null)
            {
                refused++;
                continue;
            }

            var bases = await BasesAsync(text);
            if (bases is null)
            {
                failed++;
                continue;
            }

            read++;

            // An earlier stage has an image of its own.
            string? IdOf(BuildStage stage) =>
                stage.Base == a.Reference ? Short(a) : stage.Base == b.Reference ? Short(b)
                : reading.Stages.Any(s => string.Equals(s.Name, stage.Base, StringComparison.OrdinalIgnoreCase)) ? null
                : "none";

            Assert.True(
                bases.Length == reading.Stages.Count && bases.Zip(reading.Stages).All(p => IdOf(p.Second) is var id && (id is null || id == p.First)),
                $"the engine began from {string.Join(", ", bases)} and the gate read {string.Join(", ", reading.Stages)}:\n{JsonSerializer.Serialize(text)}");
        }

        // Otherwise nothing was compared.
        Assert.True(read >= 80, $"only {read} files were built");
        output.WriteLine($"figure: Dockerfiles read alike by gate and engine {read} of {read} (gate refuses {refused}, engine fails {failed} more)");
    });

    private static string Draw(Random random)
    {
        var text = "ARG X={a}\nFROM {b} AS c\n" + string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => Lines[random.Next(Lines.Length)]));
        for (var i = random.Next(3); i > 0; i--)
        {
            text = text.Insert(random.Next(text.Length + 1), Pieces[random.Next(Pieces.Length)]);
        }

        return text;
    }

    private static string Short(LabImage image) => image.Id["sha256:".Length..][..12];

    /// <summary>What the engine's output shows after each FROM; null when it built nothing.</summary>
    private async Task<string[]?> BasesAsync(string dockerfile)
    {
        using var stream = new MemoryStream();
        await using (var writer = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            await writer.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, "Dockerfile") { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(dockerfile)) });
        }

        using var client = EngineApi.Connect(lab.Env["LAB_ENGINE_SOCKET"]);
        using var content = new ByteArrayContent(stream.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        using var answer = await client.PostAsync(new Uri("/v1.41/build?networkmode=none&nocache=1", UriKind.Relative), content);
        var body = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode || body.Contains("\"errorDetail\"", StringComparison.Ordinal))
        {
            return null;
        }

        var text = string.Concat(body.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => JsonDocument.Parse(l).RootElement.TryGetProperty("stream", out var said) ? said.GetString() : ""));
        return [.. Base().Matches(text).Select(m => m.Groups[1].Value)];
    }

    [GeneratedRegex(@"^Step \d+/\d+ : FROM[^\n]*\n ---> ([0-9a-f]{12})$", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Base();
}
