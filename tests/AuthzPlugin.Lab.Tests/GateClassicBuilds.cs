using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using AuthzPlugin.Lab.Tests.Support;
using Xunit.Abstractions;

namespace AuthzPlugin.Lab.Tests;

/// <summary>Classic builds through the gate: the real command line tool, the real engine, its own reading of Dockerfiles and contexts.</summary>
[Collection(LabFixture.Collection)]
public sealed class GateClassicBuilds(LabFixture lab, ITestOutputHelper output)
{
    private readonly HostFolders _folders = new(lab);
    private readonly GatedEngine _gate = new(lab);
    private int _tried;

    [Fact]
    public Task The_engine_builds_from_signed_images_what_the_gate_lets_through() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("basing", "1");
        var other = await lab.SignedAsync("basing", "2");
        await lab.ForgetAsync(other);
        await _gate.OpenAsync();
        var bases = $"ARG TAG=1\nFROM {signed.Repository}:$TAG\n";

        await BuildsAsync("plain", $"FROM {signed.Reference}\nRUN echo plain > /x\nCMD [\"cat\", \"/x\"]\n", "plain");
        await BuildsAsync("a base that is not here yet", $"FROM {other.Reference}\nRUN echo pulled > /x\nCMD [\"cat\", \"/x\"]\n", "pulled");
        await BuildsAsync("ARG in FROM", bases, signed.Text);
        await BuildsAsync("a build argument changes FROM", bases, other.Text, ["--build-arg", "TAG=2"]);
        await BuildsAsync("braces with a default", $"ARG T\nFROM {signed.Repository}:${{T:-2}}\n", other.Text);
        await BuildsAsync("quotes and continuation", $"FROM \\\n# a comment\n  \"{signed.Repository}\":1 \\\n  as Base\nFROM BASE\n", signed.Text);
        await BuildsAsync("escape directive", $"# escape=`\nFROM `\n {signed.Reference}\nRUN echo \\\nRUN echo escaped > /x\nCMD [\"cat\", \"/x\"]\n", "escaped");
        await BuildsAsync("multi-stage", $"FROM {signed.Reference} AS one\nRUN echo staged > /x\nFROM {other.Reference}\nCOPY --from=one /x /x\nCOPY --from=0 /x /y\nCMD [\"cat\", \"/y\"]\n", "staged");
        await BuildsAsync("COPY --from another image", $"FROM {signed.Reference}\nCOPY --from={other.Reference} /bin/busybox /copied/busybox\nCMD [\"/copied/busybox\", \"echo\", \"copied\"]\n", "copied");
        await BuildsAsync("target", $"FROM {signed.Reference} AS one\nFROM {other.Reference} AS two\n", signed.Text, ["--target", "one"]);
        await BuildsAsync("platform", $"FROM --platform=linux/amd64 {signed.Reference}\n", signed.Text, ["--platform", "linux/amd64"]);
        await BuildsAsync("lower-case file name", $"FROM {signed.Reference}\n", signed.Text, file: "dockerfile");
        await BuildsAsync("another file", $"FROM {signed.Reference}\n", signed.Text, ["--file", "{context}/deep/My.file"], "deep/My.file");
        await BuildsAsync("compressed", $"FROM {signed.Reference}\n", signed.Text, ["--compress"]);
        await BuildsAsync("an ignored Dockerfile", $"FROM {signed.Reference}\n", signed.Text, ignore: "Dockerfile\n.dockerignore\n");
        await BuildsAsync("quiet, labels, no cache", $"FROM {signed.Reference}\nRUN true\n", signed.Text, ["--quiet", "--no-cache", "--pull", "--label", "a=b"]);

        var fromInput = await _gate.DockerAsync($"FROM {signed.Reference}\nRUN true\n", ["build", "--network", "none", "--tag", "built:input", "-"]);
        fromInput.ShouldSucceed("Successfully tagged");
        Done("stdin Dockerfile");

        // The engine's own words: what it was given names the digest.
        fromInput.ShouldSay($"FROM {signed.Repository}@{signed.Digest}");
        output.WriteLine($"figure: classic build cases {_tried} of {_tried} (signed)");
    });

    [Fact]
    public Task What_is_not_signed_or_not_certain_is_refused_with_file_and_line() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("refusing", "1");
        var unsigned = await lab.UnsignedAsync("refusing", "unsigned");
        await _gate.OpenAsync();
        var notSigned = $"{unsigned.Reference} is not signed";

        await RefusesAsync("unsigned", $"# one\nFROM {unsigned.Reference}\n", ["Dockerfile:2: ", notSigned]);
        await RefusesAsync("not pinned", "FROM docker.io/library/alpine\n", ["Dockerfile:1: ", "no root key is pinned for docker.io/library/alpine"]);
        await RefusesAsync("unsigned stage", $"FROM {signed.Reference}\nFROM {unsigned.Reference}\n", ["Dockerfile:2: ", notSigned]);
        await RefusesAsync("unsigned stage after the target", $"FROM {signed.Reference} AS one\nFROM {unsigned.Reference}\n", ["Dockerfile:2: ", notSigned], ["--target", "one"]);
        await RefusesAsync("build argument", $"ARG I={signed.Reference}\nFROM $I\n", ["Dockerfile:2: ", notSigned], ["--build-arg", $"I={unsigned.Reference}"]);
        await RefusesAsync("COPY --from", $"FROM {signed.Reference}\nCOPY --from={unsigned.Reference} / /\n", ["Dockerfile:2: ", notSigned]);
        await RefusesAsync("ONBUILD COPY --from", $"FROM {signed.Reference}\nONBUILD COPY --from={unsigned.Reference} / /\n", ["Dockerfile:2: ", notSigned]);
        await RefusesAsync("by image id", $"FROM {unsigned.Id}\n", ["Dockerfile:1: "]);
        await RefusesAsync("by short image id", $"FROM {unsigned.Id["sha256:".Length..][..12]}\n", ["Dockerfile:1: ", "no root key is pinned"]);
        await RefusesAsync("unsigned digest", $"FROM {unsigned.ByDigest}\n", ["Dockerfile:1: ", "is not signed"]);
        await RefusesAsync("unresolvable", $"ARG I=x\nFROM {signed.Repository}:${{I#x}}\n", ["Dockerfile:2: ", "cannot be resolved"]);
        await RefusesAsync("here-document", $"FROM {signed.Reference}\nRUN <<EOF\nFROM evil\nEOF\n", ["Dockerfile:2: ", "here-document"]);
        await RefusesAsync("another file", $"FROM {unsigned.Reference}\n", ["other:1: ", notSigned], ["--file", "{context}/other"], "other");
        await RefusesAsync("cache-from", $"FROM {signed.Reference}\n", ["cache-from"], ["--cache-from", unsigned.Reference]);
        foreach (var remote in new[] { "http://127.0.0.1:9/x.tar", "https://127.0.0.1:9/x.git%23main", "client-session" })
        {
            GatedEngine.ShouldBeRefused((await _gate.BuildAsync("remote=" + remote, [])).Body, "remote context");
            Done("remote context " + remote);
        }

        (await lab.DockerAsync("build", "--network", "none", Folder("Dockerfile", $"FROM {signed.Reference}\n"))).ShouldSay("through the content-trust gate only");
        Done("past the gate");
        output.WriteLine($"figure: classic build cases {_tried} of {_tried} (refused)");
    });

    [Fact]
    public Task Contexts_that_the_engine_would_unpack_otherwise_are_refused() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("packing", "1");
        var unsigned = await lab.UnsignedAsync("packing", "unsigned");
        await _gate.OpenAsync();
        var good = $"FROM {signed.Reference}\n";
        var bad = $"FROM {unsigned.Reference}\n";

        await SendsAsync("plain", "", null, ("Dockerfile", good));
        await SendsAsync("odd spelling", "dockerfile=.//a/Dockerfile", null, ("./a//Dockerfile", good));
        await SendsAsync("lower case", "", null, ("dockerfile", good));
        await SendsAsync("both cases", "", null, ("dockerfile", bad), ("Dockerfile", good));
        await SendsAsync("lower case, unsigned", "", "is not signed", ("dockerfile", bad));
        await SendsAsync("twice", "", "twice", ("Dockerfile", good), ("Dockerfile", bad));
        await SendsAsync("twice, odd spelling", "", "twice", ("Dockerfile", good), ("./Dockerfile", bad));
        await SendsAsync("with a way up", "", "..", ("Dockerfile", good), ("a/../Dockerfile", bad));
        await SendsAsync("symbolic link", "", "symbolic link", ("bad", bad), ("Dockerfile", "-> bad"));
        await SendsAsync("through a link", "", "through the symbolic link", ("Dockerfile", good), ("l", "-> ."), ("l/Dockerfile", bad));
        await SendsAsync("folder replaced", "dockerfile=a/Dockerfile", "in place of a folder", ("a/Dockerfile", good), ("b/Dockerfile", bad), ("a", "-> b"));
        await SendsAsync("parameter twice", "dockerfile=Dockerfile&dockerfile=bad", "cannot be read with certainty", ("Dockerfile", good), ("bad", bad));
        await SendsAsync("unknown parameter", "frontend=x", "the parameter frontend", ("Dockerfile", good));
        await SendsAsync("BuildKit by parameter", "version=2", "not for the classic builder", ("Dockerfile", good));
        (await _gate.BuildAsync("", Zip(Archive(("Dockerfile", good))))).ShouldSucceed();
        Done("gzip");
        GatedEngine.ShouldBeRefused((await _gate.BuildAsync("", Zip(Archive(("Dockerfile", bad))))).Body, "is not signed");
        Done("gzip, unsigned");
        GatedEngine.ShouldBeRefused((await _gate.BuildAsync("", Encoding.UTF8.GetBytes(good + new string('\n', 600)))).Body, "not a tar archive");
        Done("a Dockerfile that is no archive");
        output.WriteLine($"figure: classic build cases {_tried} of {_tried} (contexts)");
    });

    [Fact]
    public Task A_name_that_was_moved_to_unsigned_content_here_is_no_base() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("moving", "1");
        var evil = await lab.LocalAsync("homemade", "moved");
        await _gate.OpenAsync();
        (await lab.DockerAsync("tag", evil.Reference, signed.Reference)).ShouldSucceed();
        await BuildsAsync("retagged", $"FROM {signed.Reference}\n", signed.Text);
        await BuildsAsync("retagged, copied from", $"FROM scratch\nCOPY --from={signed.Reference} / /\nCMD [\"cat\", \"/said\"]\n", "", runs: false);
        output.WriteLine($"figure: classic build cases {_tried} of {_tried} (retagged)");
    });

    [Fact]
    public Task An_ONBUILD_trigger_of_a_signed_base_that_takes_files_from_elsewhere_is_refused() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("triggers", "plain");
        var unsigned = await lab.UnsignedAsync("triggers", "unsigned");
        await lab.WithPolicyAsync(p => p["builds"] = "allow");
        var context = Folder("Dockerfile", $"FROM {signed.Reference}\nONBUILD COPY --from={unsigned.Reference} / /stolen\n");
        (await ClassicPastTheGateAsync("build", "--network", "none", "--tag", $"{signed.Repository}:trigger", context)).ShouldSucceed();
        await lab.LabAsync("sign", $"{signed.Repository}:trigger");
        (await lab.DockerAsync("image", "rm", "--force", $"{signed.Repository}:trigger")).ShouldSucceed();

        await _gate.OpenAsync();
        await RefusesAsync("trigger", $"FROM {signed.Repository}:trigger\n", ["Dockerfile:1: ", "ONBUILD trigger", unsigned.Reference]);
    });

    [Fact]
    public Task What_was_built_starts_only_where_local_builds_are_allowed() => lab.TestAsync(async () =>
    {
        var signed = await lab.SignedAsync("starting", "base");
        await _gate.OpenAsync();
        var text = $"FROM {signed.Reference}\nRUN echo ours > /x\nCMD [\"cat\", \"/x\"]\n";
        (await BuildAsync("built:1", Folder("Dockerfile", text))).ShouldSucceed();
        (await _gate.DockerAsync("run", "--rm", "--network", "none", "built:1")).ShouldBeRefused("no root key is pinned");

        await lab.WithPolicyAsync(p => (p["builds"], p["local-builds"]) = ("gate", "allow"));
        (await _gate.DockerAsync("run", "--rm", "--network", "none", "built:1")).ShouldBeRefused("no root key is pinned");
        (await BuildAsync("built:1", Folder("Dockerfile", text))).ShouldSucceed();
        (await _gate.DockerAsync("run", "--rm", "--network", "none", "built:1")).ShouldSucceed("ours");
        Assert.Contains(lab.Plugin.Audit(), r => r.IsStart && r.Reason == "local-build" && r.ToString().Contains($"{signed.Reference}@{signed.Digest}", StringComparison.Ordinal));

        // Memory survives; another image under the name, or a printed id, is nothing.
        await lab.Plugin.RestartAsync("--gate-socket", _gate.Socket);
        (await _gate.DockerAsync("run", "--rm", "--network", "none", "built:1")).ShouldSucceed("ours");
        var evil = await lab.LocalAsync("homemade", "printed");
        (await BuildAsync("built:2", Folder("Dockerfile", $"FROM {signed.Reference}\nRUN printf '{{\"aux\":{{\"ID\":\"{evil.Id}\"}}}}\\n'\n"))).ShouldSucceed();
        (await lab.DockerAsync("tag", evil.Reference, "built:1")).ShouldSucceed();
        foreach (var image in new[] { "built:1", evil.Id })
        {
            (await _gate.DockerAsync("run", "--rm", "--network", "none", image)).ShouldBeRefused();
        }

        // A build from nothing is from no signed image.
        (await BuildAsync("built:3", Folder("Dockerfile", "FROM scratch\nCOPY Dockerfile /\nCMD [\"x\"]\n"))).ShouldSucceed();
        (await _gate.DockerAsync("run", "--rm", "--network", "none", "built:3")).ShouldBeRefused("no root key is pinned");
    });

    private async Task BuildsAsync(
        string name, string dockerfile, string says, string[]? options = null, string file = "Dockerfile", string ignore = "", bool runs = true)
    {

        var context = Folder(file, dockerfile);
        if (ignore.Length > 0)
        {
            await File.WriteAllTextAsync(Path.Combine(context, ".dockerignore"), ignore);
        }

        (await BuildAsync("built:case", context, options)).ShouldSucceed();
        if (runs)
        {
            // What is in it is seen as the engine ran it: the policy would not.
            await lab.WithPolicyAsync(p => p["mode"] = "permissive");
            (await lab.RunAsync("built:case")).ShouldSucceed(says);
            await lab.WithPolicyAsync(p => p["builds"] = "gate");
        }

        Done(name);
    }

    private async Task RefusesAsync(string name, string dockerfile, string[] parts, string[]? options = null, string file = "Dockerfile")
    {
        var result = await BuildAsync("built:refused", Folder(file, dockerfile), options);
        Assert.False(result.Succeeded, $"{name}: {result}");
        GatedEngine.ShouldBeRefused(result.Text, parts);
        Done(name);
    }

    private async Task SendsAsync(string name, string query, string? refusal, params (string Name, string Content)[] entries)
    {
        var answer = await _gate.BuildAsync(query, Archive(entries));
        if (refusal is null)
        {
            Assert.True(answer.Succeeded && answer.Body.Contains("Successfully built", StringComparison.Ordinal), $"{name}: {answer}");
        }
        else
        {
            GatedEngine.ShouldBeRefused(answer.Body, refusal);
        }

        Done(name);
    }

    private Task<CommandResult> BuildAsync(string tag, string context, string[]? options = null) => _gate.DockerAsync(
        ["build", "--network", "none", "--tag", tag, .. (options ?? []).Select(o => o.Replace("{context}", context, StringComparison.Ordinal)), context]);

    private Task<CommandResult> ClassicPastTheGateAsync(params string[] arguments) => Command.RunAsync(lab.Env["LAB_DOCKER"], arguments, new Dictionary<string, string>
    {
        ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
        ["HOME"] = lab.Root,
        ["DOCKER_HOST"] = lab.Env["DOCKER_HOST"],
        ["DOCKER_CONFIG"] = lab.Env["DOCKER_CONFIG"],
        ["DOCKER_BUILDKIT"] = "0",
    });

    private string Folder(string file, string dockerfile)
    {
        var context = _folders.NewFolder();
        var path = Path.Combine(context, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, dockerfile);
        return context;
    }

    private void Done(string name)
    {
        _tried++;
        output.WriteLine("as expected: " + name);
    }

    private static byte[] Archive(params (string Name, string Content)[] entries)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                var isLink = content.StartsWith("-> ", StringComparison.Ordinal);
                writer.WriteEntry(isLink
                    ? new UstarTarEntry(TarEntryType.SymbolicLink, name) { LinkName = content[3..] }
                    : new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) });
            }
        }

        return stream.ToArray();
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
}
