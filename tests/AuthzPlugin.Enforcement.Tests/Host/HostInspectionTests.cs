using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Enforcement.Host;
using AuthzPlugin.Testing.Engine;

namespace AuthzPlugin.Enforcement.Tests.Host;

public sealed class HostInspectionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("content-trust-test-");
    private readonly SimulatedEngine _engine = new();
    private readonly EngineTransport _transport;

    public HostInspectionTests() => _transport = new EngineTransport(_engine, EngineOptions.Default);

    public void Dispose()
    {
        _transport.Dispose();
        _engine.Dispose();
        _folder.Delete(recursive: true);
    }

    private string DaemonJson => Path.Combine(_folder.FullName, "daemon.json");

    private Task<HostFacts> LookAsync(params string[] sockets)
    {
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "proc", "self"));
        return new HostInspection(new EngineClient(_transport, TimeProvider.System), DaemonJson, Path.Combine(_folder.FullName, "proc"), sockets)
            .LookAsync(CancellationToken.None);
    }

    private void Process(int id, string name, string commandLine)
    {
        var process = Directory.CreateDirectory(Path.Combine(_folder.FullName, "proc", $"{id}")).FullName;
        File.WriteAllText(Path.Combine(process, "comm"), name + "\n");
        File.WriteAllText(Path.Combine(process, "cmdline"), commandLine.Replace(' ', '\0') + "\0");
    }

    [Fact]
    public async Task Where_dockerd_listens_past_a_gate_is_seen()
    {
        Process(7, "dockerd", "/usr/sbin/dockerd -H fd:// --host=tcp://127.0.0.1:2375 -Hunix:///run/other.sock -H unix:///var/run/engine.sock");
        Process(8, "other", "/usr/bin/other -H tcp://0.0.0.0:1");
        await File.WriteAllTextAsync(DaemonJson, """{"hosts":["unix:///run/docker.sock"]}""");
        var look = new HostInspection(
            new EngineClient(_transport, TimeProvider.System),
            DaemonJson,
            Path.Combine(_folder.FullName, "proc"),
            [],
            new GatePlace("/run/gate.sock", "/run/engine.sock"));
        var facts = await look.LookAsync(CancellationToken.None);

        Assert.Equal("/run/gate.sock", facts.GateSocket);
        Assert.Equal(["unix:///run/docker.sock", "tcp://127.0.0.1:2375", "unix:///run/other.sock"], facts.OtherHosts);
    }

    [Theory]
    [InlineData("inactive", false)]
    [InlineData("", false)]
    [InlineData("active", true)]
    [InlineData("locked", true)]
    [InlineData("pending", true)]
    public async Task The_engine_says_its_version_and_whether_it_is_in_a_swarm(string state, bool inSwarm)
    {
        _engine.SwarmState = state;
        var facts = await LookAsync();
        Assert.Equal(("28.5.2", inSwarm, false), (facts.EngineVersion, facts.InSwarm, facts.Rootless));
    }

    [Fact]
    public async Task An_engine_without_root_is_seen()
    {
        _engine.SecurityOptions = ["name=seccomp,profile=default", "name=rootless"];
        Assert.True((await LookAsync()).Rootless);
    }

    [Fact]
    public async Task An_engine_that_does_not_answer_leaves_its_facts_out()
    {
        _engine.Interfere = _ => throw new HttpRequestException("refused");
        Assert.Null((await LookAsync()).EngineVersion);
    }

    [Theory]
    [InlineData("""{"authorization-plugins":["a","content-trust"]}""", new[] { "a", "content-trust" })]
    [InlineData("""{"authorization-plugins":[]}""", new string[0])]
    [InlineData("""{}""", null)]
    [InlineData("""[]""", null)]
    [InlineData("""{"authorization-plugins":"content-trust"}""", null)]
    [InlineData("not JSON", null)]
    [InlineData(null, null)]
    public async Task The_list_of_plugins_is_read_from_daemon_json(string? file, string[]? plugins)
    {
        if (file is not null)
        {
            await File.WriteAllTextAsync(DaemonJson, file);
        }

        Assert.Equal(plugins, (await LookAsync()).AuthorizationPlugins);
    }

    [Theory]
    [InlineData("dockerd", "/usr/sbin/dockerd -H fd:// --authorization-plugin=content-trust", true)]
    [InlineData("dockerd", "/usr/sbin/dockerd --authorization-plugin content-trust", true)]
    [InlineData("dockerd", "/usr/sbin/dockerd -H fd://", false)]
    [InlineData("grep", "grep -- --authorization-plugin", false)]
    public async Task A_dockerd_with_the_flag_is_seen(string name, string commandLine, bool seen)
    {
        Process(1, "systemd", "/sbin/init");
        Process(42, name, commandLine);
        Assert.Equal(seen, (await LookAsync()).PluginGivenAsFlag);
    }

    [Theory]
    [InlineData("0600", 0, false)]
    [InlineData("0640", 1, false)]
    [InlineData("0660", 1, true)]
    [InlineData("0660", 0, false)] // containerd's own, as Debian starts it: the group of root is root
    [InlineData("0602", 0, true)]
    public async Task A_socket_that_others_than_root_may_write_to_is_seen(string mode, int group, bool seen)
    {
        var socket = Path.Combine(_folder.FullName, "engine.sock");
        await File.WriteAllTextAsync(socket, "");
        File.SetUnixFileMode(socket, (UnixFileMode)Convert.ToInt32(mode, 8));
        if (Environment.IsPrivilegedProcess)
        {
            using var chgrp = System.Diagnostics.Process.Start("chgrp", [$"{group}", socket]);
            await chgrp.WaitForExitAsync();
        }
        else
        {
            // Without root every file is of a group of strangers.
            seen |= mode == "0660";
        }

        Assert.Equal(seen ? [socket] : [], (await LookAsync(socket, socket, "/nowhere.sock")).SharedSockets);
    }
}
