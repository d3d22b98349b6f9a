using System.Text.Json.Nodes;
using AuthzPlugin.Lab.Tests.Support;
using AuthzPlugin.Testing;
using AuthzPlugin.Testing.Documents;

namespace AuthzPlugin.Lab.Tests;

/// <summary>
/// The README's road from a first policy to enforced mode, on the real engine: its own blocks, in its own order (those marked <c>road</c>, and those
/// that are to be written to daemon.json). Only names are others: the lab's registry, trust server and daemon.json. systemd is not here;
/// tests/packaging.sh walks the same road with the packaged units and without any change.
/// </summary>
[Collection(LabFixture.Collection)]
public sealed class Documented(LabFixture lab) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ct-documented-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task The_road_of_the_README_leads_from_no_policy_to_enforced_mode() => lab.TestAsync(async () =>
    {
        var repository = $"{lab.Registry}/team/app";
        var signed = await lab.SignedAsync(repository, "1");
        await lab.ForgetAsync(signed, await lab.UnsignedAsync(repository, "2"));
        await WritePrograms();
        var printed = "";
        var steps = 0;
        foreach (var block in Document.All.Single(d => d.File == "README.md").Blocks.Where(b => b.Has("road") || b.WrittenTo is not null))
        {
            steps++;
            switch (block.Language)
            {
                case "json":
                    await WritePolicyAsync(block);
                    break;
                case "sh":
                    printed = (await RunAsync(Here(block.Text))).ShouldSucceed().Text;
                    break;
                default:
                    await ModeIsAsync("enforced");
                    await SessionAsync(block);
                    break;
            }
        }

        Assert.True(steps >= 8, $"the road has only {steps} steps");
        Assert.Contains("enforced", printed, StringComparison.Ordinal);
        Assert.Contains(lab.Plugin.Audit(), r => r is { Answer: "would-deny" or "allow" });
        Assert.Contains(lab.Plugin.Audit(), r => r is { Answer: "deny", Reason: "not-signed" });
    });

    /// <summary>
    /// Every command of the documents that asks the service, really asked: it does what it says or says why not, and is never a wrong command
    /// line (64), unheard (69) or a fault. What stands around a command in its block is another program's.
    /// </summary>
    [Fact]
    public Task Every_command_of_the_documents_is_answered_by_the_service() => lab.TestAsync(async () =>
    {
        const int Refused = 1;
        const int Undecided = 2;
        var repository = $"{lab.Registry}/team/app";
        await lab.SignedAsync(repository, "1");
        await lab.WithPolicyAsync(p => p["trust-pinning"]!["root-keys"]![$"{lab.Registry}/team/*"] = new JsonArray(lab.RootKey));
        (await lab.RunAsync($"{repository}:9")).ShouldBeRefused();
        await WritePrograms();
        File.Copy(lab.Env["LAB_DAEMON_JSON"], Path.Combine(_folder, "new.json"));
        var commands = Document.All
            .SelectMany(d => d.Blocks)
            .Where(b => b.Language == "sh")
            .SelectMany(b => b.Text.Split('\n'))
            .Where(l => l.StartsWith("content-trust ", StringComparison.Ordinal))
            // It would move the socket of this machine's own docker; GateInstallationTests does it below a folder.
            .Where(l => !l.StartsWith("content-trust gate ", StringComparison.Ordinal))
            .Select(Here).Distinct().ToArray();
        foreach (var command in commands)
        {
            var result = await RunAsync(command);
            Assert.True(result.ExitCode is 0 or Refused or Undecided, $"{command}: {result}");
            Assert.True(result.Output.Length + result.Errors.Length > 0, $"{command} says nothing");
            Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
        }

        Assert.True(commands.Length >= 20, $"only {commands.Length} commands were found");
        Assert.Contains($"content-trust verify {repository}:1", commands);
        (await RunAsync("content-trust break-glass --end")).ShouldSucceed();
        (await RunAsync($"content-trust verify {repository}:1")).ShouldSucceed();
    });

    private string Here(string text) => text
        .Replace("https://notary.example.com:4443", lab.Env["LAB_NOTARY"], StringComparison.Ordinal)
        .Replace("registry.example.com", lab.Registry, StringComparison.Ordinal)
        .Replace("/etc/docker/daemon.json", lab.Env["LAB_DAEMON_JSON"], StringComparison.Ordinal)
        .Replace("/etc/containers/policy.json", SourceTree.PathOf("tests/vectors/policies/policy.json"), StringComparison.Ordinal)
        .Replace("~/.config/notation/trustpolicy.json", SourceTree.PathOf("tests/vectors/policies/trustpolicy.json"), StringComparison.Ordinal)
        .Replace("<root key id>", lab.RootKey, StringComparison.Ordinal);

    // What else stands in daemon.json the engine of the lab needs; the README says that the members are added.
    private async Task WritePolicyAsync(Block block)
    {
        var file = JsonNode.Parse(Here(block.Text))!;
        Assert.Equal("content-trust", Assert.Single(file["authorization-plugins"]!.AsArray())!.GetValue<string>());
        await lab.WriteStanzaAsync(file["builder"]!["content-trust"]!.DeepClone().AsObject());
    }

    private async Task SessionAsync(Block block)
    {
        foreach (var step in (block with { Text = Here(block.Text) }).Session())
        {
            Assert.Null(step.Difference((await RunAsync(step.Command)).Text));
        }
    }

    private Task ModeIsAsync(string mode) => Wait.UntilAsync(
        $"status says {mode}", () => RunAsync("content-trust status").GetAwaiter().GetResult().Output.Contains($"mode         {mode}", StringComparison.Ordinal));

    private Task<CommandResult> RunAsync(string script) => Command.RunAsync(
        "/bin/bash",
        ["-euo", "pipefail", "-c", $"cd {_folder}\n{script}"],
        new Dictionary<string, string>
        {
            ["PATH"] = $"{_folder}:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOME"] = lab.Root,
            ["DOCKER_HOST"] = lab.Env["DOCKER_HOST"],
            ["DOCKER_CONFIG"] = lab.Env["DOCKER_CONFIG"],
            ["CONTENT_TRUST_SETTINGS"] = Path.Combine(lab.Root, "plugin", "settings.json"),
        });

    /// <summary>The programs that the README names, as they are here: the one beside the tests, the lab's engine, and no systemd.</summary>
    private async Task WritePrograms()
    {
        await WriteProgramAsync("content-trust", $"exec {string.Join(' ', ContentTrust.Program)} \"$@\"");
        await WriteProgramAsync("docker", $"verb=$1; shift; [[ $verb != run ]] || set -- --network none \"$@\"; exec {lab.Env["LAB_DOCKER"]} \"$verb\" \"$@\"");
        await WriteProgramAsync("systemctl", $$"""
            [[ $1 == reload ]]
            for unit in "${@:2}"; do
              case $unit in
                content-trust) kill -HUP {{lab.Plugin.Service.Process.Id}} ;;
                docker) bash {{SourceTree.PathOf("tests/Lab/lab.sh")}} hup {{Path.Combine(lab.Root, "lab")}} ;;
                *) exit 1 ;;
              esac
            done
            """);
    }

    private async Task WriteProgramAsync(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(path, $"#!/bin/bash\nset -e\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
