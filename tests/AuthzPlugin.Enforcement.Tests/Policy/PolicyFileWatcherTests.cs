using AuthzPlugin.Enforcement.Policy;

namespace AuthzPlugin.Enforcement.Tests.Policy;

public sealed class PolicyFileWatcherTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Changes => ["in place", "same size", "replaced", "removed", "link", "other file"];

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_change_is_reported_once_when_the_files_are_quiet(string change)
    {
        var path = _folder.Write("daemon.json", "{}");
        _folder.Write("other.json", "{}");
        File.CreateSymbolicLink(_folder["link.json"], _folder["other.json"]);
        var watcher = Make(change == "link" ? _folder["link.json"] : path);
        Assert.False(watcher.Poll());

        Change(change, path);

        Assert.Equal([false, true, false, false], Poll(watcher, 4));
    }

    [Fact]
    public void A_change_between_making_the_watcher_and_the_first_look_is_not_missed()
    {
        var watcher = Make(_folder["daemon.json"]);
        _folder.Write("daemon.json", "{}");

        Assert.Equal([false, true, false], Poll(watcher, 3));
    }

    [Fact]
    public void A_file_that_never_rests_is_reported_after_ten_looks()
    {
        var watcher = Make(_folder["daemon.json"]);
        var reports = Enumerable.Range(1, 10).Select(i =>
        {
            _folder.Write("daemon.json", new string(' ', i));
            return watcher.Poll();
        });

        Assert.Equal([.. Enumerable.Repeat(false, 9), true], reports);
    }

    [Fact]
    public void A_change_that_was_taken_back_by_removing_the_file_again_is_no_change()
    {
        var watcher = Make(_folder["daemon.json"]);
        _folder.Write("daemon.json", "{}");
        Assert.False(watcher.Poll());
        File.Delete(_folder["daemon.json"]);

        Assert.Equal([false, false, false], Poll(watcher, 3));
    }

    [Fact]
    public async Task It_looks_every_interval_until_cancelled()
    {
        var watcher = Make(_folder["daemon.json"]);
        using var stop = new CancellationTokenSource();
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = watcher.RunAsync(changed.SetResult, stop.Token);
        _folder.Write("daemon.json", "{}");

        for (var i = 0; i < 10_000 && !changed.Task.IsCompleted; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await changed.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(10));
    }

    private void Change(string change, string path)
    {
        switch (change)
        {
            case "in place":
                File.AppendAllText(path, " ");
                break;
            case "same size":
                var before = File.GetLastWriteTimeUtc(path);
                File.WriteAllText(path, "[]");
                File.SetLastWriteTimeUtc(path, before);
                break;
            case "replaced":
                File.Move(_folder.Write("new.json", "{}"), path, overwrite: true);
                break;
            case "removed":
                File.Delete(path);
                break;
            case "link":
                File.AppendAllText(_folder["other.json"], " ");
                break;
            default:
                _folder.Write("content-trust.json", "{}");
                break;
        }
    }

    private static bool[] Poll(PolicyFileWatcher watcher, int times) => [.. Enumerable.Range(0, times).Select(_ => watcher.Poll())];

    private PolicyFileWatcher Make(string daemon) => new(new PolicyPaths(daemon, _folder["content-trust.json"]), _time);
}
