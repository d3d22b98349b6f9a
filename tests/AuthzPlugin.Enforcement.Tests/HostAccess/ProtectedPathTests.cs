using AuthzPlugin.Enforcement.HostAccess;
using AuthzPlugin.Testing.Engine;

namespace AuthzPlugin.Enforcement.Tests.HostAccess;

public sealed class ProtectedPathTests
{
    private readonly SimulatedHost _host = new();

    private string? Reached(string source, bool writable = true, params string[] enginePaths) =>
        new ProtectedPaths(_host, ["/var/lib/content-trust", "/var/log/content-trust/audit.log"])
            .FindReached(source, writable, enginePaths.Length == 0 ? ["/var/lib/docker"] : enginePaths);

    [Theory]
    [InlineData("/")]
    [InlineData("/var")]
    [InlineData("/var/lib")]
    [InlineData("/var/lib/docker")]
    [InlineData("/var/lib/docker/overlay2/x/diff")]
    [InlineData("/var/lib/content-trust/approvals")]
    [InlineData("/var/log")]
    [InlineData("/var/log/content-trust/audit.log")]
    [InlineData("/run")]
    [InlineData("/var/run")]
    [InlineData("/var/run/docker.sock")]
    [InlineData("/run/docker.sock")]
    [InlineData("/run/docker")]
    [InlineData("/run/docker-containerd/x")]
    [InlineData("/run/user/1000/docker.sock")]
    [InlineData("/srv/sockets/docker.sock")]
    [InlineData("/run/containerd/containerd.sock")]
    [InlineData("/etc")]
    [InlineData("/etc/docker/daemon.json")]
    [InlineData("/etc/systemd/system")]
    [InlineData("/lib/systemd/system")]
    [InlineData("/run/dbus/system_bus_socket")]
    [InlineData("/proc/1/root")]
    [InlineData("/sys/fs/cgroup")]
    [InlineData("/dev")]
    [InlineData("/dev/sda")]
    [InlineData("/dev/shm/../sda")]
    public void Protected_paths_and_what_is_above_and_below_are_reached_read_only_or_not(string source)
    {
        Assert.NotNull(Reached(source));
        Assert.NotNull(Reached(source, writable: false));
    }

    [Theory]
    [InlineData("/etc/cron.d")]
    [InlineData("/etc/passwd")]
    [InlineData("/etc/ld.so.preload")]
    [InlineData("/root")]
    [InlineData("/root/.ssh/authorized_keys")]
    [InlineData("/bin")]
    [InlineData("/usr/bin/runc")]
    [InlineData("/lib/modules")]
    [InlineData("/boot")]
    [InlineData("/opt")]
    [InlineData("/opt/containerd/bin")]
    public void What_root_runs_is_reached_by_writable_mounts(string source)
    {
        Assert.Contains("a read-only mount may", Reached(source));
        Assert.Null(Reached(source, writable: false));
    }

    [Theory]
    [InlineData("/srv/data")]
    [InlineData("/home")]
    [InlineData("/home/x")]
    [InlineData("/root/project/data")]
    [InlineData("/etc/localtime")]
    [InlineData("/etc/hosts")]
    [InlineData("/etc/ssl/certs")]
    [InlineData("/etc/dockerish")]
    [InlineData("/usr/local/docker/conf")]
    [InlineData("/usr/share/zoneinfo")]
    [InlineData("/var/www")]
    [InlineData("/var/log/nginx")]
    [InlineData("/var/lib/dockerfiles")]
    [InlineData("/var/lib/postgresql")]
    [InlineData("/run/mysqld")]
    [InlineData("/tmp")]
    [InlineData("/dev/shm")]
    [InlineData("/dev/null")]
    [InlineData("/opt/app")]
    public void Honest_sources_reach_nothing(string source) => Assert.Null(Reached(source));

    [Theory]
    [InlineData("/home/x/link", "/var/lib/docker", "an absolute link")]
    [InlineData("/home/x/link", "../../var/lib", "a relative link")]
    [InlineData("/home/x/link/below", "/etc", "a part below a link", "/home/x/link")]
    [InlineData("/srv/a/../docker", "/home/x/deep", "a parent as text, as the engine takes it in binds", "/srv/a")]
    [InlineData("/home/x/a/../docker", "/srv/deep", "a parent of where a link leads, as mount(2) takes it", "/home/x/a")]
    public void Links_are_followed(string source, string target, string row, string? link = null)
    {
        _host.Links[link ?? source] = target;
        _host.Links["/srv/docker"] = "/var/lib/docker";
        _host.Links["/etc/below"] = "/run/docker";
        Assert.True(Reached(source) is not null, row);
    }

    [Fact]
    public void Links_in_a_circle_and_hidden_folders_are_taken_for_reaching()
    {
        _host.Links["/srv/a"] = "/srv/b";
        _host.Links["/srv/b"] = "/srv/a";
        _host.Hidden.Add("/srv/hidden");
        Assert.Contains("cannot be looked at", Reached("/srv/a"));
        Assert.Contains("cannot be looked at", Reached("/srv/hidden/x"));
    }

    [Fact]
    public void A_protected_path_that_is_a_link_is_protected_where_it_leads()
    {
        _host.Links["/var/lib/docker"] = "/data/docker";
        Assert.NotNull(Reached("/data"));
        Assert.NotNull(Reached("/data/docker/volumes"));
        Assert.Null(Reached("/data/other"));
    }

    [Fact]
    public void The_data_root_is_where_the_engine_says() => Assert.NotNull(Reached("/mnt/big", true, "/mnt/big/engine"));

    [Theory]
    [InlineData("/mnt/disk", true)]
    [InlineData("/mnt/disk/docker", true)]
    [InlineData("/mnt/disk/docker/volumes", true)]
    [InlineData("/mnt/disk/photos", false)]
    [InlineData("/srv/jail", true)]
    [InlineData("/srv", true)]
    [InlineData("/srv/other", false)]
    public void Other_mounts_of_the_same_folder_are_reached(string source, bool reached)
    {
        _host.MountList.Add(new HostMount("/mnt/disk", "8:2", "/"));
        _host.MountList.Add(new HostMount("/var/lib/docker", "8:2", "/docker"));
        _host.MountList.Add(new HostMount("/srv/jail", "8:1", "/"));
        Assert.Equal(reached, Reached(source) is not null);
    }

    [Fact]
    public void Mount_lines_are_read_with_their_escapes()
    {
        Assert.Equal(new HostMount("/mnt/a b", "98:0", "/x\\y"), HostFiles.Parse(@"36 35 98:0 /x\134y /mnt/a\040b rw,noatime master:1 - ext3 /dev/root rw"));
        Assert.Null(HostFiles.Parse(""));
    }

    [Fact]
    public void The_real_file_system_is_looked_at_without_following_links()
    {
        var folder = Directory.CreateTempSubdirectory("content-trust-test-");
        try
        {
            var files = new HostFiles();
            var link = Path.Combine(folder.FullName, "link");
            File.CreateSymbolicLink(link, "missing/target");
            Assert.Equal(new HostEntry(HostEntryKind.Link, "missing/target"), files.Look(link));
            Assert.Equal(HostEntryKind.Plain, files.Look(folder.FullName).Kind);
            Assert.Equal(HostEntryKind.Missing, files.Look(Path.Combine(folder.FullName, "x", "y")).Kind);
            Assert.Equal(HostEntryKind.Hidden, files.Look(folder.FullName + "/\0").Kind);
            Assert.Contains(files.Mounts(), m => m.MountPoint == "/");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
