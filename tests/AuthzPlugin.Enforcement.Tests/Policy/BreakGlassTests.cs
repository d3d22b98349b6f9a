using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Tests.Authorization;
using AuthzPlugin.Testing.Engine;
using AuthzPlugin.Testing.Time;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Policy;

/// <summary>Permissive mode for a stated time.</summary>
public sealed class BreakGlassTests : IDisposable
{
    private static readonly TrustPolicy Enforced = TrustPolicy.WithoutStanza with { Mode = EnforcementMode.Enforced };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("content-trust-test-");
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _folder.Delete(recursive: true);

    private BreakGlass New() => new(Path.Combine(_folder.FullName, "state"), _time);

    private string StateFile => Path.Combine(_folder.FullName, "state", "break-glass.json");

    [Fact]
    public void It_opens_for_a_time_and_closes_by_itself()
    {
        var glass = New();
        Assert.Equal(EnforcementMode.Enforced, glass.Apply(Enforced).Mode);

        glass.Open(TimeSpan.FromMinutes(30), "the\nregistry is down");
        var open = glass.Apply(Enforced);
        Assert.Equal((EnforcementMode.Permissive, true), (open.Mode, open.BreakGlass));
        Assert.Equal("the\\u000aregistry is down", glass.Current!.Reason);
        Assert.Null(glass.TakeEnded());

        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(EnforcementMode.Enforced, glass.Apply(Enforced).Mode);
        Assert.NotNull(glass.TakeEnded());
        Assert.Null(glass.TakeEnded());
        Assert.False(File.Exists(StateFile));
    }

    [Fact]
    public void A_restart_keeps_the_same_end()
    {
        var until = New().Open(TimeSpan.FromMinutes(30), "x").Until;
        _time.Advance(TimeSpan.FromMinutes(20));
        var restarted = New();
        Assert.Equal(until, restarted.Current!.Until);
        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(restarted.Current);
        Assert.Null(New().Current);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(StateFile));
    }

    [Fact]
    public void It_can_be_closed_early()
    {
        var glass = New();
        glass.Open(TimeSpan.FromMinutes(30), "x");
        Assert.NotNull(glass.Close());
        Assert.Null(glass.Close());
        Assert.Null(New().Current);
    }

    [Theory]
    [InlineData(EnforcementMode.Disabled)]
    [InlineData(EnforcementMode.Permissive)]
    public void It_changes_nothing_but_enforced(EnforcementMode mode)
    {
        var glass = New();
        glass.Open(TimeSpan.FromMinutes(30), "x");
        Assert.Equal((mode, false), (glass.Apply(Enforced with { Mode = mode }).Mode, glass.Apply(Enforced with { Mode = mode }).BreakGlass));
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"Since":"2026-06-01T11:00:00+00:00","Until":"2036-06-01T12:30:00+00:00","Reason":"for ever"}""")]
    [InlineData("""{"Since":"2026-06-01T13:00:00+00:00","Until":"2026-06-01T14:00:00+00:00","Reason":"begins later"}""")]
    public void What_cannot_be_right_is_closed(string file)
    {
        New().Open(TimeSpan.FromMinutes(30), "x");
        File.WriteAllText(StateFile, file);
        Assert.Null(New().Current);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(24.1)]
    public void Its_time_is_bounded(double hours) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => New().Open(TimeSpan.FromHours(hours), "x"));

    [Fact]
    public async Task While_it_is_open_everything_runs_on_record_and_nothing_is_approved()
    {
        using var bench = new AuthorizationBench();
        var glass = New();
        glass.Open(TimeSpan.FromMinutes(30), "x");
        bench.Policy = glass.Apply(bench.Policy);
        var image = bench.PullSigned("1", 'd', '1');

        var (asked, reported) = await bench.CreateAsync(Repository + ":1", new SimulatedContainer { Id = new string('c', 64), Name = "web", ImageId = image.Id });
        Assert.True(asked.Allow && reported!.Allow);
        Assert.True((await bench.AskAsync(Create("docker.io/library/alpine"))).Allow);

        Assert.Equal(0, bench.Approvals.Count);
        Assert.Equal("would-deny", bench.Records()[^1].GetProperty("answer").GetString());
    }
}
