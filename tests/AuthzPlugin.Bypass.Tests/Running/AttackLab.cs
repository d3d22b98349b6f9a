using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Bypass.Tests.Running;

/// <summary>
/// The images that attacks are about. Both run <c>/main</c>: the signed one's ends with exit code 0, the evil one's with 66, so that the
/// engine's events show which content ran whatever the metadata say. The evil one also carries the label <c>evil</c>.
/// </summary>
public sealed class AttackLab(LabFixture lab)
{
    public const int EvilExitCode = 66;

    private const string MakeImage =
        """
        set -e
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        printf '#!/bin/sh\nexit %s\n' "$2" >"$work/main"
        chmod 755 "$work/main"
        tar -C "$LAB_DIR/rootfs" --owner=0 --group=0 -c . -C "$work" main | "$LAB_DOCKER" import -c 'CMD ["/main"]' $3 - "$1"
        """;

    private bool _ready;

    public string Evil => $"{lab.Registry}/lab/evil:1";

    public string Signed => $"{lab.Registry}/lab/app:1";

    /// <summary>A loopback address of the lab's own: the ports of swarms are fixed.</summary>
    private string SwarmAddress
    {
        get
        {
            var port = new Uri($"http://{lab.Registry}").Port;
            return $"127.{port / 256}.{port % 256}.1";
        }
    }

    public string EvilId { get; private set; } = "";

    public string EvilDigest { get; private set; } = "";

    public string SignedId { get; private set; } = "";

    public string SignedDigest { get; private set; } = "";

    /// <summary>Once per lab: the signed image here and in the registry, the evil one here and in the registry, unsigned.</summary>
    public async Task PrepareAsync()
    {
        if (_ready)
        {
            return;
        }

        SignedId = await MakeAsync(Signed, 0, "");
        SignedDigest = await lab.LabAsync("sign", Signed);
        EvilId = await MakeAsync(Evil, EvilExitCode, "-c LABEL=evil=yes");
        EvilDigest = await lab.LabAsync("push", Evil);
        (await lab.Engine.PostAsync($"/images/{EvilId}/tag?repo={lab.Registry}/lab/evil2&tag=1")).ShouldSucceed();
        await lab.LabAsync("push", $"{lab.Registry}/lab/evil2:1");
        // In the containerd store an image whose last name moves away is gone.
        await TagAsync(SignedId, "kept-signed");
        await TagAsync(EvilId, "kept-evil");
        _ready = true;
    }

    /// <summary>Names as they should be: attacks move them.</summary>
    public async Task RestoreNamesAsync()
    {
        await lab.Engine.DeleteAsync($"/images/{lab.Registry}/lab/evil2:1");
        await lab.Engine.DeleteAsync($"/images/{lab.Registry}/lab/evil2@{EvilDigest}");
        await TagAsync(SignedId, "app");
        await TagAsync(EvilId, "evil");
    }

    public Dictionary<string, string> Variables(string container) => new(StringComparer.Ordinal)
    {
        ["c"] = container,
        ["reg"] = lab.Registry,
        ["repo"] = $"{lab.Registry}/lab/app",
        ["evil"] = Evil,
        ["evilrepo"] = $"{lab.Registry}/lab/evil2",
        ["evildigest"] = EvilDigest,
        ["evilid"] = EvilId,
        ["evilhex"] = EvilId["sha256:".Length..],
        ["evilshort"] = EvilId["sha256:".Length..][..12],
        ["signed"] = Signed,
        ["signedid"] = SignedId,
        ["signedhex"] = SignedId["sha256:".Length..],
        ["signedshort"] = SignedId["sha256:".Length..][..12],
        ["signeddigest"] = SignedDigest,
        ["data"] = lab.Env["LAB_ENGINE_DATA"],
        ["swarmip"] = SwarmAddress,
        ["socket"] = lab.Env["LAB_ENGINE_SOCKET"],
        ["plugins"] = lab.Env["LAB_PLUGIN_DIR"],
        ["state"] = Path.Combine(lab.Root, "plugin", "state"),
        ["hex"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(container))),
    };

    /// <summary>Runs a script with <c>docker</c> and the case's variables.</summary>
    /// <param name="socket">Where its clients connect to.</param>
    public Task<CommandResult> ShellAsync(string script, IReadOnlyDictionary<string, string> variables, string socket) => Command.RunAsync(
        "/bin/bash",
        ["-c", "docker() { \"$LAB_DOCKER\" \"$@\"; }\napi() { curl -s --max-time 30 --unix-socket \"$LAB_ENGINE_SOCKET\" -X \"$1\" \"http://e$2\" \"${@:3}\"; }\n" + script],
        lab.Env.Where(p => p.Key is not ("LAB_ENGINE_SOCKET" or "DOCKER_HOST"))
            .Concat(variables)
            .Concat([new("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), new("HOME", lab.Root), new("LAB_ENGINE_SOCKET", socket), new("DOCKER_HOST", "unix://" + socket)])
            .ToDictionary(p => p.Key, p => p.Value),
        TimeSpan.FromSeconds(150));

    private async Task<string> MakeAsync(string name, int exitCode, string change)
    {
        // Any image of the lab makes the root file system that this one is made of.
        await lab.LabAsync("image", name, "for its root file system");
        var made = await Command.RunAsync(
            "/bin/bash",
            ["-c", MakeImage.Replace("$3", change.Length == 0 ? "" : "-c 'LABEL evil=yes'", StringComparison.Ordinal), "make", name, $"{exitCode}"],
            lab.Env.Concat([new("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), new("HOME", lab.Root)]).ToDictionary(p => p.Key, p => p.Value));
        return made.ShouldSucceed("sha256:").Output.Trim();
    }

    private async Task TagAsync(string id, string repository) =>
        (await lab.Engine.PostAsync($"/images/{id}/tag?repo={lab.Registry}/lab/{repository}&tag=1")).ShouldSucceed();
}
