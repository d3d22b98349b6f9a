using System.Diagnostics;
using AuthzPlugin.Enforcement.Policy;

namespace AuthzPlugin.Enforcement.Tests.Policy;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class PolicyLoaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Daemon => _folder["daemon.json"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Absent_files_hold_no_policy()
    {
        var result = Load();

        Assert.Null(result.Policy!.Source);
        Assert.Equal(EnforcementMode.Disabled, result.Policy.Mode);
    }

    [Fact]
    public void An_absent_folder_holds_no_policy() =>
        Assert.NotNull(new PolicyLoader(new PolicyPaths(_folder["none/daemon.json"], _folder["none/content-trust.json"])).Load().Policy);

    [Fact]
    public void The_policy_is_read_through_a_link()
    {
        File.CreateSymbolicLink(_folder["content-trust.json"], _folder.Write("elsewhere.json", PolicyTexts.Good));

        Assert.Equal(EnforcementMode.Enforced, Load().Policy!.Mode);
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_a_problem()
    {
        File.CreateSymbolicLink(_folder["content-trust.json"], _folder["gone.json"]);

        AssertFault("a symbolic link that leads nowhere", _folder["content-trust.json"]);
    }

    [Fact]
    public void Links_in_a_circle_are_a_problem()
    {
        File.CreateSymbolicLink(Daemon, _folder["other"]);
        File.CreateSymbolicLink(_folder["other"], Daemon);

        AssertFault("a file that cannot be looked at (error 40)", Daemon);
    }

    [Fact]
    public void A_directory_is_a_problem()
    {
        Directory.CreateDirectory(Daemon);

        AssertFault("something that is not a regular file", Daemon);
    }

    [Fact]
    public void A_pipe_is_a_problem_and_is_not_waited_for()
    {
        using (var mkfifo = Process.Start("mkfifo", [Daemon]))
        {
            mkfifo.WaitForExit();
            Assert.Equal(0, mkfifo.ExitCode);
        }

        AssertFault("something that is not a regular file", Daemon);
    }

    [Fact]
    public void A_file_below_a_file_is_a_problem()
    {
        var notAFolder = _folder.Write("file", "");

        var result = new PolicyLoader(new PolicyPaths(notAFolder + "/daemon.json", _folder["none"])).Load();

        Assert.Equal("a file that cannot be looked at (error 20)", Assert.Single(result.Problems).Found);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void A_file_has_at_most_one_mebibyte(int more, bool good)
    {
        var text = $$"""{ "content-trust": {{PolicyTexts.Good}} }""";
        _folder.Write("daemon.json", text + new string(' ', (1024 * 1024) - text.Length + more));

        Assert.Equal(good, Load().Policy is not null);
        if (!good)
        {
            AssertFault("a file of 1048577 bytes or more", Daemon);
        }
    }

    [Theory]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite, 0)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead, 0)]
    [InlineData(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite, 1)]
    public void A_policy_that_strangers_can_write_is_warned_about(UnixFileMode mode, int warnings)
    {
        _folder.Write("content-trust.json", PolicyTexts.Good);
        File.SetUnixFileMode(_folder["content-trust.json"], mode);

        Assert.Equal(warnings, Load().Warnings.Count(w => w.NextStep == "run chmod go-w " + _folder["content-trust.json"]));
    }

    private PolicyLoadResult Load() => new PolicyLoader(new PolicyPaths(Daemon, _folder["content-trust.json"])).Load();

    private void AssertFault(string found, string source)
    {
        var result = Load();
        Assert.Null(result.Policy);
        Assert.True(result.StanzaSeen);
        var problem = Assert.Single(result.Problems);
        Assert.Equal((source, "$", found), (problem.Source, problem.Path, problem.Found));
    }
}
