using AuthzPlugin.Enforcement.Settings;

namespace AuthzPlugin.Hosting;

/// <summary>A file of the switch-over, and what is in it.</summary>
internal sealed record UnitFile(string Path, string Content);

/// <summary>
/// The switch between docker's own socket and the gate in front of a private one: two drop-ins, and the gate's socket unit enabled.
/// Everything is below <c>/etc/systemd/system</c>; nothing of a package is changed, so switching back leaves what was there before.
/// </summary>
internal static class GateInstallation
{
    /// <summary>Docker's public socket, which the gate takes over.</summary>
    public const string PublicSocket = "/run/docker.sock";

    /// <summary>Where dockerd listens behind the gate: below a folder that only root may enter.</summary>
    public const string PrivateSocket = "/run/docker-engine/docker.sock";

    public const string SocketUnit = "content-trust-gate.socket";

    private const string Units = "/etc/systemd/system";

    private static readonly string[] UnitFolders = [Units, "/run/systemd/system", "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    public static IReadOnlyList<UnitFile> Files { get; } =
    [
        new($"{Units}/docker.socket.d/content-trust-gate.conf",
            $"""
            # Written by `content-trust gate enable`; `content-trust gate disable` removes it.
            # {PublicSocket} is the gate's now; dockerd listens where only root gets at it.
            [Socket]
            ListenStream=
            ListenStream={PrivateSocket}
            DirectoryMode=0700
            SocketMode=0600
            SocketUser=root
            SocketGroup=root

            """),
        new($"{Units}/content-trust.service.d/gate.conf",
            $"""
            # Written by `content-trust gate enable`; `content-trust gate disable` removes it.
            [Service]
            Environment=CONTENT_TRUST_ENGINE_SOCKET={PrivateSocket}

            """),
    ];

    /// <summary>
    /// What makes the new arrangement take effect. systemd starts no socket whose service runs, and docker.socket moves only while docker
    /// is stopped; without "live-restore" in daemon.json containers stop with it.
    /// </summary>
    public static IReadOnlyList<string> Restart(bool enabled) => enabled
        ?
        [
            "systemctl stop docker.service docker.socket content-trust.service",
            $"systemctl start content-trust.socket docker.socket {SocketUnit} content-trust.service docker.service",
        ]
        :
        [
            $"systemctl stop docker.service docker.socket {SocketUnit} content-trust.service",
            "systemctl start content-trust.socket docker.socket content-trust.service docker.service",
        ];

    /// <summary>
    /// The settings with the engine's socket where it is now. Between writing the files and the restart of docker the two disagree, and a
    /// service that restarts then (an upgrade, a crash) must find the engine all the same.
    /// </summary>
    /// <param name="passed">systemd passed the gate's socket.</param>
    /// <param name="isBound">Whether a socket is at this path now.</param>
    public static ServiceSettings Placed(ServiceSettings settings, bool passed, Func<string, bool> isBound)
    {
        if (passed && IsPublic(settings.EngineSocket))
        {
            return settings with { EngineSocket = PrivateSocket };
        }

        return !passed && settings.GateSocket.Length == 0 && settings.EngineSocket == PrivateSocket && !isBound(PrivateSocket)
            ? settings with { EngineSocket = PublicSocket }
            : settings;
    }

    /// <summary>Nothing of it is left: no file, no unit that starts at boot, and dockerd is not at the private socket.</summary>
    /// <param name="root">Prefix of every path; empty on a running system.</param>
    public static bool IsOff(string root) =>
        !IsWritten(root) && !Path.Exists($"{root}{Units}/sockets.target.wants/{SocketUnit}") && !(root.Length == 0 && PluginSocket.IsBound(PrivateSocket));

    /// <summary>The files are there: the gate is on, or will be at the next start of docker.</summary>
    /// <param name="root">Prefix of every path; empty on a running system.</param>
    public static bool IsWritten(string root) => Files.Any(f => File.Exists(root + f.Path));

    /// <summary>Why the gate cannot be enabled, a sentence with the next step; null when it can.</summary>
    /// <param name="root">Prefix of every path; empty on a running system.</param>
    public static string? Problem(string root)
    {
        if (!IsUnit(root, "docker.socket"))
        {
            return "systemd has no docker.socket here, which the gate would move; make dockerd listen by socket activation (-H fd://), "
                + "or set gate-socket and engine-socket in settings.json by hand";
        }

        return IsUnit(root, SocketUnit) ? null : $"{SocketUnit} is not installed; install content-trust again";
    }

    /// <summary>Writes what is not there yet or differs; returns the paths.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static IReadOnlyList<string> Write(string root)
    {
        var written = Files.Where(f => !File.Exists(root + f.Path) || File.ReadAllText(root + f.Path) != f.Content).ToArray();
        foreach (var file in written)
        {
            var path = root + file.Path;
            PublicFolder.Make(Path.GetDirectoryName(path)!);
            File.WriteAllText(path + ".new", file.Content);
            File.SetUnixFileMode(path + ".new", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            File.Move(path + ".new", path, overwrite: true);
        }

        return [.. written.Select(f => f.Path)];
    }

    /// <summary>Removes the files, and their folders when nothing else is in them; returns the paths of the files.</summary>
    /// <exception cref="IOException">A file cannot be removed.</exception>
    public static IReadOnlyList<string> Remove(string root)
    {
        var there = Files.Where(f => File.Exists(root + f.Path)).ToArray();
        foreach (var file in there)
        {
            File.Delete(root + file.Path);
            var folder = Path.GetDirectoryName(root + file.Path)!;
            if (!Directory.EnumerateFileSystemEntries(folder).Any())
            {
                Directory.Delete(folder);
            }
        }

        return [.. there.Select(f => f.Path)];
    }

    // /var/run is a link to /run on every system with systemd.
    private static bool IsPublic(string path) => path is PublicSocket or "/var" + PublicSocket;

    private static bool IsUnit(string root, string name) => UnitFolders.Any(folder => File.Exists($"{root}{folder}/{name}"));
}
