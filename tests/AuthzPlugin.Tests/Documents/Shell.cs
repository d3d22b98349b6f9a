using System.Text;
using AuthzPlugin.Commands;
using AuthzPlugin.Testing;

namespace AuthzPlugin.Tests.Documents;

/// <summary>Command lines as the documents have them: words, quotes, comments, and <c>&amp;&amp; || ; |</c> between commands. Nothing cleverer.</summary>
internal static class Shell
{
    /// <summary>
    /// Programs that are not ours: their lines are examples of use and not run here. What only prints or copies, and what administers other
    /// things; a page that needs another one adds it.
    /// </summary>
    private static readonly HashSet<string> Others =
    [
        "apt", "cat", "cosign", "cp", "curl", "df", "getent", "grep", "install", "journalctl", "jq", "kill", "mkdir", "mv", "notary", "notation", "openssl", "oras",
        "otelcol", "promtool", "python3", "sed", "sha256sum", "skopeo", "socat", "sudo", "tail", "tar", "tee", "true",
    ];

    private static readonly HashSet<string> Docker =
        ["build", "buildx", "compose", "context", "create", "image", "images", "info", "load", "login", "ps", "pull", "push", "rm", "run", "start", "tag", "trust", "version"];

    private static readonly HashSet<string> SystemctlVerbs = ["cat", "daemon-reload", "disable", "edit", "enable", "reload", "restart", "show", "start", "status", "stop"];

    /// <summary>The units of this repository, and those of docker and what may stand beside it.</summary>
    private static readonly HashSet<string> Units =
        [.. Directory.EnumerateFiles(SourceTree.PathOf("systemd")).Select(path => Path.GetFileName(path)), "docker.service", "docker.socket", "containerd.service"];

    /// <summary>Whether this is a whole command line of content-trust, not a file, unit or placeholder.</summary>
    public static bool IsCommand(string text) => text.StartsWith("content-trust ", StringComparison.Ordinal) && !text.Contains('…', StringComparison.Ordinal);

    public static void Check(IEnumerable<string> lines, string where = "")
    {
        foreach (var command in Commands(lines))
        {
            Check(command, $"{where} {string.Join(' ', command)}".Trim());
        }
    }

    /// <summary>Every command of the lines, as words.</summary>
    public static IEnumerable<IReadOnlyList<string>> Commands(IEnumerable<string> lines)
    {
        foreach (var line in string.Join('\n', lines).Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
        {
            var command = new List<string>();
            foreach (var word in Words(line))
            {
                if (word is "&&" or "||" or ";" or "|")
                {
                    yield return command.ToArray();
                    command.Clear();
                }
                else
                {
                    command.Add(word);
                }
            }

            if (command.Count > 0)
            {
                yield return command.ToArray();
            }
        }
    }

    private static void Check(IReadOnlyList<string> command, string shown)
    {
        var program = command[0];
        if (program == "content-trust")
        {
            var parse = ContentTrustCommand.Create().Parse([.. command.Skip(1)]);
            Assert.True(parse.Errors.Count == 0, $"{shown}: {string.Join("; ", parse.Errors.Select(e => e.Message))}");
        }
        else if (program == "systemctl")
        {
            CheckUnits(command, shown);
        }
        else if (program == "docker")
        {
            Assert.True(command.Skip(1).FirstOrDefault(w => !w.StartsWith('-')) is { } verb && Docker.Contains(verb), $"{shown}: docker has no such command in the table of {nameof(Shell)}");
        }
        else if (program.Contains('/', StringComparison.Ordinal))
        {
            CheckScript(command, shown);
        }
        else
        {
            Assert.True(Others.Contains(program), $"{shown}: {program} is not in the table of programs of {nameof(Shell)}");
        }
    }

    private static void CheckUnits(IReadOnlyList<string> command, string shown)
    {
        var words = command.Skip(1).Where(w => !w.StartsWith('-')).ToList();
        Assert.True(words.Count > 0 && SystemctlVerbs.Contains(words[0]), $"{shown}: not a verb of the table");
        Assert.All(words.Skip(1), unit => Assert.True(Units.Contains(unit) || Units.Contains(unit + ".service"), $"{shown}: there is no unit {unit}"));
    }

    // Installed scripts have other paths than in the repository; their names are the same.
    private static void CheckScript(IReadOnlyList<string> command, string shown)
    {
        var file = new[] { command[0], "packaging/tarball/" + Path.GetFileName(command[0]) }.Select(SourceTree.PathOf).FirstOrDefault(File.Exists);
        Assert.True(file is not null, $"{shown}: there is no such script");
        Assert.True(OperatingSystem.IsWindows() || (File.GetUnixFileMode(file!) & UnixFileMode.UserExecute) != 0, $"{shown}: it cannot be executed");
        var text = File.ReadAllText(file!) + File.ReadAllText(SourceTree.PathOf("packaging/common.sh"));
        Assert.All(command.Where(w => w.StartsWith("--", StringComparison.Ordinal)), o => Assert.True(text.Contains(o, StringComparison.Ordinal), $"{shown}: it does not know {o}"));
    }

    private static List<string> Words(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quote = '\0';
        var open = false;
        foreach (var c in line)
        {
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
                _ = quote == '\0' ? word : word.Append(c);
            }
            else if (c is '\'' or '"')
            {
                (quote, open) = (c, true);
            }
            else if (c == '#' && word.Length == 0 && !open)
            {
                break;
            }
            else if (c == ' ' || c == ';')
            {
                End();
                if (c == ';')
                {
                    words.Add(";");
                }
            }
            else
            {
                Assert.False(c is '`' or '(' or ')' || (c == '$' && word.Length == 0), $"{line}: write it without substitutions");
                word.Append(c);
            }
        }

        Assert.True(quote == '\0', $"{line}: a quote is not closed");
        End();
        return words;

        void End()
        {
            if (word.Length > 0 || open)
            {
                words.Add(word.ToString());
            }

            word.Clear();
            open = false;
        }
    }
}
