using AuthzPlugin.Enforcement.Settings;
using AuthzPlugin.Hosting;

namespace AuthzPlugin.Tests.Hosting;

/// <summary>Switching over and back, below a folder.</summary>
public sealed class GateInstallationTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ct-units-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Switching_over_and_back_leaves_what_was_there_before()
    {
        var kept = Put("/etc/systemd/system/docker.socket.d/mine.conf");
        Put("/usr/lib/systemd/system/docker.socket");
        Put("/usr/lib/systemd/system/content-trust-gate.socket");
        var before = Everything();
        Assert.Null(GateInstallation.Problem(_root));

        Assert.Equal(GateInstallation.Files.Select(f => f.Path), GateInstallation.Write(_root));
        Assert.Empty(GateInstallation.Write(_root));
        var socket = File.ReadAllText(_root + GateInstallation.Files[0].Path);
        Assert.Contains("ListenStream=\nListenStream=/run/docker-engine/docker.sock\n", socket, StringComparison.Ordinal);

        Assert.False(GateInstallation.IsOff(_root));
        Assert.Equal(GateInstallation.Files.Select(f => f.Path), GateInstallation.Remove(_root));
        Assert.True(GateInstallation.IsOff(_root));
        Assert.Equal(before, Everything());
        Assert.True(File.Exists(kept));
    }

    [Fact]
    public void A_unit_that_is_enabled_still_is_no_gate_that_is_off()
    {
        Put("/etc/systemd/system/sockets.target.wants/content-trust-gate.socket");
        Assert.False(GateInstallation.IsOff(_root));
    }

    [Theory]
    [InlineData("/run/docker-engine/docker.sock", true, true, "/run/docker-engine/docker.sock")]
    [InlineData("/run/docker.sock", true, true, "/run/docker-engine/docker.sock")]
    [InlineData("/var/run/docker.sock", true, true, "/run/docker-engine/docker.sock")]
    [InlineData("/srv/docker.sock", true, true, "/srv/docker.sock")]
    [InlineData("/run/docker-engine/docker.sock", false, false, "/run/docker.sock")]
    [InlineData("/run/docker-engine/docker.sock", false, true, "/run/docker-engine/docker.sock")]
    [InlineData("/run/docker.sock", false, false, "/run/docker.sock")]
    public void Between_the_files_and_the_restart_the_engine_is_found_where_it_is(string set, bool passed, bool isBound, string found)
    {
        var settings = new ServiceSettings { EngineSocket = set, GateSocket = passed ? "/run/docker.sock" : "" };
        Assert.Equal(found, GateInstallation.Placed(settings, passed, path => isBound && path == GateInstallation.PrivateSocket).EngineSocket);
    }

    [Fact]
    public void A_gate_that_was_set_by_hand_keeps_its_engine()
    {
        var settings = new ServiceSettings { EngineSocket = "/run/docker-engine/docker.sock", GateSocket = "/run/docker.sock" };
        Assert.Equal(settings, GateInstallation.Placed(settings, passed: false, _ => false));
    }

    [Fact]
    public void Without_docker_socket_there_is_nothing_to_move() =>
        Assert.Contains("no docker.socket", GateInstallation.Problem(_root), StringComparison.Ordinal);

    private string Put(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root + path)!);
        File.WriteAllText(_root + path, "");
        return _root + path;
    }

    private string[] Everything() => [.. Directory.EnumerateFileSystemEntries(_root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
