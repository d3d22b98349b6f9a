using System.Text;
using System.Text.Json;
using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Testing.Time;

namespace AuthzPlugin.Enforcement.Tests.Audit;

/// <summary>The chain, rotation and floods of the audit log, and what <c>audit verify</c> finds.</summary>
public sealed class AuditLogTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("content-trust-test-");
    private readonly ManualTimeProvider _time = new();
    private AuditLog _log;

    public AuditLogTests() => _log = Open();

    private string Path => System.IO.Path.Combine(_folder.FullName, "audit.log");

    private string HeadFile => System.IO.Path.Combine(_folder.FullName, "head");

    private AuditOptions Options { get; set; } = new("");

    public void Dispose()
    {
        _log.Dispose();
        _folder.Delete(recursive: true);
    }

    private AuditLog Open() => new(Options with { Path = Path, HeadFile = HeadFile }, _time);

    private void Reopen(Action? meanwhile = null)
    {
        _log.Dispose();
        meanwhile?.Invoke();
        _log = Open();
    }

    private static AuditRecord Record(string message = "said", string answer = "allow") => new()
    {
        Time = "2026-06-01T12:00:00.000Z",
        Phase = "request",
        Mode = "enforced",
        Answer = answer,
        Outcome = answer == "allow" ? "trusted" : "refused",
        Reason = "signed",
        Message = message,
        Checks = [],
    };

    private void Write(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _log.Write(Record($"record {i}"));
        }
    }

    private string[] Lines() => File.ReadAllText(Path).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private AuditReport Verify(AuditHead? anchor = null) => AuditVerifier.Verify(Path, anchor);

    private static JsonElement Json(string line) => JsonDocument.Parse(line).RootElement;

    [Fact]
    public void Each_line_has_its_number_and_the_hash_of_the_line_before()
    {
        Write(3);
        _log.Write(AuditEvent.Now(_time, "stopping", "bye"));

        var lines = Lines();
        var previous = new string('0', 64);
        for (var i = 0; i < lines.Length; i++)
        {
            Assert.StartsWith($$"""{"v":1,"seq":{{i + 1}},"prev":"{{previous}}",""", lines[i], StringComparison.Ordinal);
            previous = AuditHead.HashOf(Encoding.UTF8.GetBytes(lines[i]));
        }

        Assert.Equal(new AuditHead(4, previous), _log.Head);
        var report = Verify(new AuditHead(4, previous));
        Assert.Empty(report.Findings);
        Assert.Empty(report.Notes);
        Assert.Equal((4, 1, _log.Head), (report.Records, report.First, report.Head));
    }

    [Fact]
    public void The_chain_goes_on_after_a_restart()
    {
        Write(2);
        Reopen();
        Write(2);
        Assert.Empty(Verify().Findings);
        Assert.Equal(4, Verify().Head.Sequence);
    }

    [Fact]
    public void The_file_is_for_its_owner_alone() =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));

    [Fact]
    public void A_folder_that_is_there_keeps_its_rights_and_a_new_one_is_for_its_owner_alone()
    {
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var shared = Directory.CreateDirectory(System.IO.Path.Combine(_folder.FullName, "log"), Mode | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        var before = shared.UnixFileMode;
        using (new AuditLog(new AuditOptions(System.IO.Path.Combine(shared.FullName, "audit.log")), _time))
        {
            Assert.Equal(before, new DirectoryInfo(shared.FullName).UnixFileMode);
        }

        using (new AuditLog(new AuditOptions(System.IO.Path.Combine(_folder.FullName, "new", "audit.log")), _time))
        {
            Assert.Equal(Mode, new DirectoryInfo(System.IO.Path.Combine(_folder.FullName, "new")).UnixFileMode);
        }
    }

    [Fact]
    public void A_head_is_kept_where_no_folder_is_yet()
    {
        var head = System.IO.Path.Combine(_folder.FullName, "state", "audit-head");
        using var log = new AuditLog(new AuditOptions(Path) { HeadFile = head }, _time);
        Write(1);
        log.KeepHead();
        Assert.True(AuditHead.TryParse(File.ReadAllText(head), out _));
    }

    [Theory]
    [InlineData("a character changed", "does not name the hash of the record before it")]
    [InlineData("a line removed", "records are missing")]
    [InlineData("a line repeated", "it stood elsewhere")]
    [InlineData("lines exchanged", "records are missing")]
    [InlineData("a foreign line put in", "is not a record")]
    [InlineData("the first lines removed and numbered anew", "names one before it")]
    public void What_was_changed_is_found(string what, string finding)
    {
        Write(5);
        var lines = Lines().ToList();
        switch (what)
        {
            case "a character changed":
                lines[2] = lines[2].Replace("record 2", "record X", StringComparison.Ordinal);
                break;
            case "a line removed":
                lines.RemoveAt(2);
                break;
            case "a line repeated":
                lines.Insert(2, lines[1]);
                break;
            case "lines exchanged":
                (lines[1], lines[2]) = (lines[2], lines[1]);
                break;
            case "a foreign line put in":
                lines.InsertRange(2, ["x", "y"]);
                break;
            default:
                lines.RemoveAt(0);
                lines[0] = lines[0].Replace("\"seq\":2,", "\"seq\":1,", StringComparison.Ordinal);
                break;
        }

        File.WriteAllLines(Path, lines);

        Assert.Contains(Verify().Findings, f => f.Problem.Contains(finding, StringComparison.Ordinal) && f.File == Path && f.Line > 0);
    }

    [Fact]
    public void A_log_that_was_cut_short_is_found_by_a_head_that_was_kept()
    {
        Write(5);
        var kept = _log.Head;
        _log.Dispose();
        File.WriteAllLines(Path, Lines()[..3]);

        Assert.Empty(Verify().Findings);
        Assert.Contains("it was cut short", Assert.Single(Verify(kept).Findings).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_was_written_anew_is_found_by_a_head_that_was_kept()
    {
        Write(3);
        var kept = _log.Head;
        Reopen(() => File.Delete(Path));
        for (var i = 0; i < 4; i++)
        {
            _log.Write(Record("forged"));
        }

        Assert.Empty(Verify().Findings);
        Assert.Contains("it was rewritten", Assert.Single(Verify(kept).Findings).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_notices_that_the_log_was_cut_since_the_last_kept_head()
    {
        Write(5);
        _log.KeepHead();
        Reopen(() => File.WriteAllLines(Path, Lines()[..3]));

        var happened = Json(Lines()[^1]);
        Assert.Equal("audit-break", happened.GetProperty("event").GetString());
        Assert.Contains("the log ends at 3:", happened.GetProperty("message").GetString(), StringComparison.Ordinal);

        Reopen();
        Assert.Equal(4, Lines().Length);
    }

    [Fact]
    public void Half_a_line_at_the_end_keeps_its_place_and_is_told()
    {
        Write(2);
        Reopen(() => File.AppendAllText(Path, """{"v":1,"seq":3,"pr"""));
        Write(1);

        Assert.Equal(5, Lines().Length);
        Assert.Contains("line 3 is not whole", Json(Lines()[3]).GetProperty("message").GetString(), StringComparison.Ordinal);
        var report = Verify();
        Assert.Empty(report.Findings);
        Assert.Contains("line 3 is not whole", Assert.Single(report.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void What_somebody_else_wrote_while_the_service_runs_is_told_and_found()
    {
        Write(2);
        File.AppendAllText(Path, "forged\n");
        Write(1);

        Assert.Equal("audit-break", Json(Lines()[3]).GetProperty("event").GetString());
        Assert.NotEmpty(Verify().Findings);
    }

    [Fact]
    public void A_file_that_was_emptied_while_the_service_runs_is_told()
    {
        Write(2);
        File.WriteAllText(Path, "");
        Write(1);
        Assert.Equal("audit-break", Json(Lines()[0]).GetProperty("event").GetString());
        Assert.Equal(4, Json(Lines()[1]).GetProperty("seq").GetInt64());
    }

    [Fact]
    public void A_file_that_was_removed_while_the_service_runs_is_made_anew_and_that_is_told()
    {
        Write(2);
        File.Delete(Path);
        _log.Flush();
        Write(1);
        Assert.Equal("audit-break", Json(Lines()[0]).GetProperty("event").GetString());
        Assert.Equal(2, Lines().Length);
    }

    [Fact]
    public void A_full_file_is_put_aside_and_the_chain_goes_on_through_all_that_are_kept()
    {
        Options = Options with { MaxBytes = 2000, Keep = 3 };
        Reopen();
        Write(50);

        var files = _folder.GetFiles("audit.log*").Select(f => f.Name).Order();
        Assert.Equal(["audit.log", "audit.log.1", "audit.log.2", "audit.log.3"], files);
        var report = Verify();
        Assert.Empty(report.Findings);
        Assert.Equal((50, true), (report.Head.Sequence, report.First > 1));
        Assert.Contains("older files were dropped", Assert.Single(report.Notes), StringComparison.Ordinal);
        Assert.Equal(report.Records, AuditReader.Read(Path).Count());

        Reopen();
        Write(1);
        Assert.Equal(51, Verify().Head.Sequence);
    }

    [Fact]
    public void A_file_of_a_middle_that_is_missing_is_found()
    {
        Options = Options with { MaxBytes = 2000 };
        Reopen();
        Write(50);
        File.Move(Path + ".2", Path + ".1", overwrite: true);
        for (var n = 3; File.Exists($"{Path}.{n}"); n++)
        {
            File.Move($"{Path}.{n}", $"{Path}.{n - 1}");
        }

        Assert.Contains("records are missing", Assert.Single(Verify().Findings).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_refusals_in_a_flood_are_counted_and_what_is_allowed_is_always_written()
    {
        for (var i = 0; i < 1000; i++)
        {
            _log.Write(Record("no", "deny"));
            _log.Write(Record("yes"));
        }

        _log.Write(Record("another", "deny"));
        Assert.Equal(RefusalFlood.Single, Lines().Count(l => l.Contains("\"no\"", StringComparison.Ordinal)));
        Assert.Equal(1000, Lines().Count(l => l.Contains("\"yes\"", StringComparison.Ordinal)));
        Assert.Single(Lines(), l => l.Contains("\"another\"", StringComparison.Ordinal));

        _log.WriteCounted();
        Assert.DoesNotContain(Lines(), l => l.Contains("repeated", StringComparison.Ordinal));
        _time.Advance(RefusalFlood.Window);
        _log.WriteCounted();

        Assert.Equal(1000 - RefusalFlood.Single, Json(Lines()[^1]).GetProperty("repeated").GetInt64());
        _log.Write(Record("no", "deny"));
        Assert.Equal(RefusalFlood.Single + 2, Lines().Count(l => l.Contains("\"no\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_was_undone_after_the_fact_is_always_written()
    {
        for (var i = 0; i < 50; i++)
        {
            _log.Write(Record("swapped", "deny") with { Phase = "response" });
        }

        Assert.Equal(50, Lines().Length);
    }

    [Fact]
    public void A_flood_that_goes_on_is_counted_window_by_window_and_at_the_stop()
    {
        for (var i = 0; i < 30; i++)
        {
            _log.Write(Record("no", "deny"));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        _log.WriteCounted(all: true);

        Assert.Equal(30, Lines().Select(Json).Sum(l => l.TryGetProperty("repeated", out var n) ? n.GetInt64() : 1));
        Assert.True(Lines().Length < 30);
    }

    [Theory]
    [InlineData("5:0000000000000000000000000000000000000000000000000000000000000000", true)]
    [InlineData("5", false)]
    [InlineData("5:00", false)]
    [InlineData("-5:0000000000000000000000000000000000000000000000000000000000000000", false)]
    [InlineData("x:0000000000000000000000000000000000000000000000000000000000000000", false)]
    public void A_head_is_a_number_and_a_hash(string text, bool good) => Assert.Equal(good, AuditHead.TryParse(text, out _));
}
