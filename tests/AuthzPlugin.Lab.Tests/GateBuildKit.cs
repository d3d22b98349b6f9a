using System.Globalization;
using AuthzPlugin.Lab.Tests.Support;
using Xunit.Abstractions;

namespace AuthzPlugin.Lab.Tests;

/// <summary>BuildKit's builds through the gate, with the command line tools that people use. No step has a network: the lab's engine has no bridge.</summary>
[Collection(LabFixture.Collection)]
public sealed class GateBuildKit(LabFixture lab, ITestOutputHelper output)
{
    private const string Refused = "authorization denied by content-trust gate: ";

    private readonly HostFolders _folders = new(lab);
    private int _tried;

    [Fact]
    public Task Builds_from_signed_images_run_as_without_a_gate() => TestAsync(async (gate, one, two, _) =>
    {
        await BuildsAsync(gate, "a signed base", $"FROM {one.Reference}\n{Say("message")}", one.Text);
        await BuildsAsync(gate, "by digest", $"FROM {one.ByDigest}\n{Say("message")}", one.Text);
        await BuildsAsync(gate, "by tag and digest", $"FROM {one.Reference}@{one.Digest}\n{Say("message")}", one.Text);
        await BuildsAsync(gate, "scratch", "FROM scratch\nCOPY Dockerfile file /\n", "");
        await BuildsAsync(gate, "ARG in FROM", $"ARG TAG=1\nFROM {one.Repository}:$TAG\n{Say("message")}", one.Text);
        await BuildsAsync(gate, "a build argument changes FROM", $"ARG TAG=1\nFROM {one.Repository}:${{TAG}}\n{Say("message")}", two.Text, "--build-arg", "TAG=2");
        await BuildsAsync(gate, "stages", $"FROM {one.Reference} AS a\nRUN --network=none echo staged >/x\nFROM {two.Reference}\nCOPY --from=a /x /x\n{Say("x")}", "staged");
        await BuildsAsync(gate, "a stage that nothing leads to", $"FROM {one.Repository}:unsigned AS no\nFROM {one.Reference}\n{Say("message")}", one.Text);
        await BuildsAsync(gate, "a target", $"FROM {one.Reference} AS a\n{Say("message")}FROM {one.Repository}:unsigned AS no\n", one.Text, "--target", "a");
        await BuildsAsync(gate, "COPY --from an image", $"FROM {one.Reference}\nCOPY --from={two.Reference} /message /other\n{Say("other")}", two.Text);
        await BuildsAsync(gate, "RUN --mount from an image", $"FROM {one.Reference}\nRUN --network=none --mount=type=bind,from={two.Reference},target=/m cat /m/message\n", two.Text);
        await BuildsAsync(gate, "a platform", $"FROM --platform=$BUILDPLATFORM {one.Reference}\n{Say("message")}", one.Text, "--platform", "linux/amd64");
        await BuildsAsync(gate, "a named context", $"FROM base\n{Say("message")}", two.Text, "--build-context", $"base=docker-image://{two.Reference}");
    });

    [Fact]
    public Task What_else_builds_use_passes_the_gate() => TestAsync(async (gate, one, _, _) =>
    {
        await BuildsAsync(gate, "a cache mount", $"FROM {one.Reference}\nRUN --network=none --mount=type=cache,target=/c echo cached >/c/f && cat /c/f\n", "cached");
        await BuildsAsync(gate, "a secret", $"FROM {one.Reference}\nRUN --network=none --mount=type=secret,id=s cat /run/secrets/s\n", "honest", "--secret", $"id=s,src={_folders.Project}/README");
        await BuildsAsync(gate, "an SSH agent", $"FROM {one.Reference}\nRUN --network=none --mount=type=ssh test -S $SSH_AUTH_SOCK && echo agent\n", "agent", "--ssh", $"default={await KeyAsync()}");
        await BuildsAsync(gate, "the host's network", $"FROM {one.Reference}\nRUN cat /message\n", one.Text, "--network", "host");
        await BuildsAsync(gate, "a file by URL", $"FROM {one.Reference}\nADD http://{lab.Registry}/v2/ /answer\n{Say("answer")}", "{}");
        var ignored = string.Join('\n', Enumerable.Range(0, 1500).Select(i => $"ignored-{i}"));
        await BuildsAsync(gate, "many ignore patterns", $"FROM {one.Reference}\nCOPY file Dockerfile /\nRUN --network=none test ! -e /ignored-7 && echo kept\n", "kept", files: [(".dockerignore", ignored), ("ignored-7", "")]);
        await BuildsAsync(gate, "another file name", $"FROM {one.Reference}\n{Say("message")}", one.Text, ["--file", "{context}/deep/My.file"], "deep/My.file");
        await BuildsAsync(gate, "an export", $"FROM {one.Reference}\n{Say("message")}", one.Text, "--output", "type=tar,dest={context}/out.tar");

        (await gate.DockerAsync($"FROM {one.Reference}\n{Say("message")}", ["build", "--progress", "plain", "--no-cache", "-"])).ShouldSucceed(one.Text);
        Done("a Dockerfile on standard input");
        var linked = Folder(("a/Dockerfile", $"FROM {one.Reference}\nRUN --network=none echo first >/x\n"), ("b/Dockerfile", $"FROM base\n{Say("x")}"), ("docker-bake.hcl", Bake));
        (await gate.ShellAsync($"cd {linked} && docker buildx bake --progress plain --no-cache")).ShouldSucceed("first");
        Done("bake with linked targets");
        var compose = Folder(("Dockerfile", $"FROM {one.Reference}\n{Say("message")}"), ("docker-compose.yml", Compose));
        (await gate.ShellAsync($"cd {compose} && docker-compose build --no-cache")).ShouldSucceed();
        Done("compose");

        // It is no frontend, and the lab has no network for one: that the engine took its signed content and fails by itself shows that the gate let it.
        var frontend = await BuildAsync(gate, $"# syntax={one.Reference}\nFROM scratch\nCOPY file /\n", [], "Dockerfile");
        Assert.True(!frontend.Succeeded && !frontend.Text.Contains(Refused, StringComparison.Ordinal), frontend.ToString());
        Says("a signed frontend", frontend.Text, $"docker-image://{one.Reference}@{one.Digest}");
    });

    [Fact]
    public Task Builds_from_anything_else_are_refused_with_file_and_line() => TestAsync(async (gate, one, _, unsigned) =>
    {
        var reason = $"{unsigned.Reference} is not signed";
        await RefusesAsync(gate, "unsigned", $"# one\nFROM {unsigned.Reference}\n", $"Dockerfile:2: {reason}");
        await RefusesAsync(gate, "not pinned", "FROM alpine\n", "Dockerfile:1: no root key is pinned for docker.io/library/alpine");
        await RefusesAsync(gate, "an unsigned digest", $"FROM {unsigned.ByDigest}\n", "Dockerfile:1: ");
        await RefusesAsync(gate, "a signed name with unsigned content", $"FROM {one.Reference}@{unsigned.Digest}\n", "Dockerfile:1: ");
        await RefusesAsync(gate, "a build argument", $"ARG I={one.Reference}\nFROM $I\n", $"Dockerfile:2: {reason}", "--build-arg", $"I={unsigned.Reference}");
        await RefusesAsync(gate, "a stage", $"FROM {unsigned.Reference} AS a\nFROM {one.Reference}\nCOPY --from=a /message /x\n", $"Dockerfile:1: {reason}");
        await RefusesAsync(gate, "a target", $"FROM {unsigned.Reference} AS a\nFROM {one.Reference}\n", $"Dockerfile:1: {reason}", "--target", "a");
        await RefusesAsync(gate, "COPY --from", $"FROM {one.Reference}\nCOPY --from={unsigned.Reference} / /x\n", $"Dockerfile:2: {reason}");
        await RefusesAsync(gate, "RUN --mount", $"FROM {one.Reference}\nRUN --mount=type=bind,from={unsigned.Reference},target=/m true\n", $"Dockerfile:2: {reason}");
        await RefusesAsync(gate, "a frontend", $"# syntax={unsigned.Reference}\nFROM scratch\nCOPY file /\n", $"frontend of the line # syntax=: {reason}");
        await RefusesAsync(gate, "a frontend by argument", "FROM scratch\nCOPY file /\n", $"frontend: {reason}", "--build-arg", $"BUILDKIT_SYNTAX={unsigned.Reference}");
        await RefusesAsync(gate, "a named context", "FROM base\n", reason, "--build-context", $"base=docker-image://{unsigned.Reference}");
        await RefusesAsync(gate, "a cache", $"FROM {one.Reference}\n", "cache-from", "--cache-from", $"{unsigned.Reference}");
        await RefusesAsync(gate, "privileges", $"FROM {one.Reference}\n", "security.insecure", "--allow", "security.insecure");
        await RefusesAsync(gate, "what cannot be resolved", $"FROM {one.Repository}:${{X%y}}\n", "Dockerfile:1: ");
        var text = (await gate.DockerAsync("build", "--progress", "plain", "https://127.0.0.1:1/x.git")).Text;
        Assert.Contains("where the gate cannot see it", text, StringComparison.Ordinal);
        Done("a remote context");
        var folder = Folder(("a/Dockerfile", $"FROM {unsigned.Reference}\n"), ("b/Dockerfile", $"FROM base\n{Say("x")}"), ("docker-bake.hcl", Bake), ("Dockerfile", $"FROM {unsigned.Reference}\n"), ("docker-compose.yml", Compose));
        Says("bake", (await gate.ShellAsync($"cd {folder} && docker buildx bake --progress plain")).Text, reason);
        Says("compose", (await gate.ShellAsync($"cd {folder} && docker-compose build")).Text, reason);
        Says("past the gate", (await lab.DockerAsync("build", folder)).Text, "authorization denied by plugin content-trust");
    });

    [Fact]
    public Task What_was_built_starts_only_where_local_builds_are_allowed() => TestAsync(async (gate, one, _, _) =>
    {
        var name = $"homemade/{Guid.NewGuid():N}";
        var context = Folder(("Dockerfile", $"FROM {one.Reference}\nRUN --network=none echo built >/x\nCMD [\"cat\", \"/x\"]\n"));
        string[] build = ["build", "--tag", name, context];
        string[] run = ["run", "--rm", "--network", "none", name];
        (await gate.DockerAsync(build)).ShouldSucceed();
        (await gate.DockerAsync(run)).ShouldBeRefused();
        await lab.WithPolicyAsync(p => (p["builds"], p["local-builds"]) = ("gate", "allow"));
        (await gate.DockerAsync(build)).ShouldSucceed();
        (await gate.DockerAsync(run)).ShouldSucceed("built");
        Done("local builds");
    });

    private const string Bake =
        """
        group "default" { targets = ["a", "b"] }
        target "a" { context = "a" }
        target "b" {
          context = "b"
          contexts = { base = "target:a" }
        }
        """;

    private const string Compose = "services:\n  one:\n    build: .\n    image: homemade/composed:1\n";

    private Task TestAsync(Func<LabGate, LabImage, LabImage, LabImage, Task> test) => lab.TestAsync(async () =>
    {
        OldBuildKit.ShouldNotBe(lab);
        var name = "bk" + Guid.NewGuid().ToString("N")[..12];
        var one = await lab.SignedAsync(name, "1");
        var two = await lab.SignedAsync(name, "2");
        var unsigned = await lab.UnsignedAsync(name, "unsigned");
        await lab.ForgetAsync(two);
        var gate = await LabGate.OpenAsync(lab);
        await lab.WithPolicyAsync(p => p["builds"] = "gate");
        await test(gate, one, two, unsigned);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"figure: buildkit cases {_tried} of {_tried} ({lab.Env["LAB_ENGINE_VERSION"]})"));
    });

    private Task BuildsAsync(LabGate gate, string name, string dockerfile, string says, params string[] arguments) =>
        BuildsAsync(gate, name, dockerfile, says, arguments, "Dockerfile");

    private Task BuildsAsync(LabGate gate, string name, string dockerfile, string says, (string Path, string Text)[] files) =>
        BuildsAsync(gate, name, dockerfile, says, [], "Dockerfile", files);

    private async Task BuildsAsync(
        LabGate gate, string name, string dockerfile, string says, string[] arguments, string file, params (string Path, string Text)[] files)
    {
        var result = await BuildAsync(gate, dockerfile, arguments, file, files);
        Assert.True(result.Succeeded && result.Text.Contains(says, StringComparison.Ordinal), $"{name}: {result}");
        Done(name);
    }

    private async Task RefusesAsync(LabGate gate, string name, string dockerfile, string says, params string[] arguments)
    {
        var result = await BuildAsync(gate, dockerfile, arguments, "Dockerfile");
        Assert.True(!result.Succeeded && result.Text.Contains(Refused, StringComparison.Ordinal) && result.Text.Contains(says, StringComparison.Ordinal), $"{name}: {result}");
        Done(name);
    }

    private Task<CommandResult> BuildAsync(LabGate gate, string dockerfile, string[] arguments, string file, params (string Path, string Text)[] files)
    {
        var context = Folder([(file, dockerfile), ("file", "x"), .. files]);
        return gate.DockerAsync(
            ["build", "--progress", "plain", "--no-cache", .. arguments.Select(a => a.Replace("{context}", context, StringComparison.Ordinal)), context]);
    }

    private static string Say(string file) => $"RUN --network=none cat /{file}\n";

    private async Task<string> KeyAsync()
    {
        var key = Path.Combine(_folders.NewFolder(), "key");
        (await Command.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key])).ShouldSucceed();
        return key;
    }

    private string Folder(params (string Path, string Text)[] files)
    {
        var folder = _folders.NewFolder();
        foreach (var (path, text) in files)
        {
            var full = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
        }

        return folder;
    }

    private void Says(string name, string text, string says)
    {
        Assert.True(text.Contains(says, StringComparison.Ordinal), $"{name} should say {says}: {text}");
        Done(name);
    }

    private void Done(string name)
    {
        output.WriteLine($"ok: {name}");
        _tried++;
    }
}
