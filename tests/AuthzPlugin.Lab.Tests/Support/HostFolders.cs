namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>
/// Folders and links of this machine that tests of host access name, all in the lab's folder, which every engine sees: a container
/// that a test lets through by mistake finds nothing else. Made once; <see cref="Fill"/> puts their paths into the rows of a table.
/// </summary>
public sealed class HostFolders
{
    private readonly (string Name, string Path)[] _names;

    public HostFolders(LabFixture lab)
    {
        Root = Path.Combine(lab.Env["LAB_DIR"], "host");
        Project = Path.Combine(Root, "project");
        var plugin = Path.GetDirectoryName(lab.Plugin.Log.Path)!;
        _names =
        [
            ("{host}", Root),
            ("{project}", Project),
            ("{data}", lab.Env["LAB_ENGINE_DATA"]),
            ("{lab}", lab.Env["LAB_DIR"]),
            ("{socket}", lab.Env["LAB_ENGINE_SOCKET"]),
            ("{plugins}", lab.Env["LAB_PLUGIN_DIR"]),
            ("{config}", lab.Env["LAB_DAEMON_JSON"]),
            ("{certs}", lab.Env["LAB_CERTS_D"]),
            ("{state}", Path.Combine(plugin, "state")),
            ("{admin}", Path.Combine(plugin, "admin.sock")),
            ("{audit}", lab.Plugin.AuditLog.Path),
            ("{program}", AppContext.BaseDirectory.TrimEnd('/')),
        ];
        State = Path.Combine(plugin, "state");
        Make(lab.Env["LAB_ENGINE_DATA"]);
    }

    public string Root { get; }

    /// <summary>An ordinary folder with a file in it.</summary>
    public string Project { get; }

    /// <summary>This plugin's state, which is protected.</summary>
    public string State { get; }

    public string Fill(string template) => _names.Aggregate(template, (text, name) => text.Replace(name.Name, name.Path, StringComparison.Ordinal));

    /// <summary>An empty folder of a new name.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(Root, $"folder-{Guid.NewGuid():N}")).FullName;

    private void Make(string data)
    {
        if (Directory.Exists(Root))
        {
            return;
        }

        Directory.CreateDirectory(Path.Combine(Project, "deep"));
        File.WriteAllText(Path.Combine(Project, "README"), "honest\n");
        File.WriteAllText(Path.Combine(Root, "seccomp.json"), SeccompProfile);
        foreach (var (link, target) in new[]
        {
            ("to-data", data),
            ("to-link", "to-data"),
            ("relative", $"../{Path.GetRelativePath(Path.GetDirectoryName(Root)!, data)}/containers"),
            ("aside", "project/deep"),
            ("loop", "loop"),
        })
        {
            File.CreateSymbolicLink(Path.Combine(Root, link), target);
        }
    }

    // Denies what it does not name; enough for runc's last steps and busybox.
    private const string SeccompProfile =
        """
        {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"action":"SCMP_ACT_ALLOW","names":["access","faccessat","faccessat2","arch_prctl","brk","capget","capset",
        "chdir","clone","close","close_range","dup","dup2","dup3","epoll_create1","epoll_ctl","epoll_pwait","epoll_wait","eventfd2","execve","execveat","exit",
        "exit_group","fchdir","fchown","fcntl","fstat","fstatfs","futex","getcwd","getdents64","getegid","geteuid","getgid","getpgid","getpid",
        "getppid","getrandom","getrlimit","gettid","getuid","ioctl","lseek","lstat","madvise","mkdirat","mmap","mprotect","munmap","nanosleep",
        "newfstatat","open","openat","openat2","pipe","pipe2","poll","ppoll","prctl","pread64","prlimit64","read","readlink","readlinkat","restart_syscall",
        "rseq","rt_sigaction","rt_sigprocmask","rt_sigreturn","sched_getaffinity","sched_yield","set_robust_list","set_tid_address","setgid",
        "setgroups","setresgid","setresuid","getresuid","getresgid","setpgid","setsid","setuid","sigaltstack","stat","statfs","statx","sysinfo","tgkill","umask","uname","unlinkat","wait4","write",
        "writev"]}]}
        """;
}
