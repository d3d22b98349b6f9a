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

        Assert.Equal(GateInstallation.Files.Select(f => f.Path), GateInstallation.Remove(_root));
        Assert.Equal(before, Everything());
        Assert.True(File.Exists(kept));
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
