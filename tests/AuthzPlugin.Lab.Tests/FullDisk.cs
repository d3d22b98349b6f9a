using System.Text.Json;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>The audit log on a real file system that is full: no record is lost or half, and what cannot be recorded is refused.</summary>
public sealed class FullDisk : IAsyncLifetime
{
    private const string Load = "/v1.41/images/load?quiet=1";

    private readonly string _disk = Directory.CreateTempSubdirectory("ct-full-disk-").FullName;
    private LonePlugin _plugin = null!;
    private RawConnection _connection = null!;

    private GrowingFile Audit => new(Path.Combine(_disk, "audit.log"));

    private string Filler => Path.Combine(_disk, "filler");

    private string[] Extra => ["--audit-file", Audit.Path];

    public async Task InitializeAsync()
    {
        var mounted = await Command.RunAsync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", _disk]);
        Assert.True(mounted.Succeeded, mounted.ToString());
        _plugin = await LonePlugin.StartAsync(null, Extra);
        _connection = await _plugin.ConnectAsync();
    }

    public async Task DisposeAsync()
    {
        _connection.Dispose();
        await _plugin.DisposeAsync();
        await Command.RunAsync("umount", ["--lazy", _disk]);
        Directory.Delete(_disk);
    }

    [Fact]
    public async Task A_full_disk_loses_no_record_and_refuses_what_cannot_be_recorded_until_there_is_room_also_over_a_kill()
    {
        await DenyAsync(1, 50);
        Assert.True((await _connection.AskAsync(RawConnection.Question("POST", Load))).Allow);
        var before = Records();

        Fill();
        await DenyAsync(51, 100);
        var load = await _connection.AskAsync(RawConnection.Question("POST", Load));
        Assert.False(load.Allow);
        Assert.StartsWith("the audit record could not be written", load.Message, StringComparison.Ordinal);
        Assert.True((await _connection.AskAsync(RawConnection.Question("GET", "/v1.41/containers/json"))).Allow);
        ShouldBeginWith(before, Records());

        // The service is killed and comes back while the disk is still full.
        _plugin.Service.Process.Kill();
        await _plugin.Service.ExitAsync();
        _connection.Dispose();
        await _plugin.ServeAsync(null, Extra);
        _connection = await _plugin.ConnectAsync();
        Assert.False((await _connection.AskAsync(RawConnection.Question("POST", Load))).Allow);
        ShouldBeginWith(before, Records());

        File.Delete(Filler);
        Assert.True((await _connection.AskAsync(RawConnection.Question("POST", Load))).Allow);
        await DenyAsync(101, 150);
        var after = Records();
        ShouldBeginWith(before, after);
        Assert.All(Enumerable.Range(101, 50), n => Assert.Single(after, r => r.Contains($"\"image\":\"elsewhere.example.com/n{n}x:1\"", StringComparison.Ordinal)));
        var verified = await ContentTrust.RunAsync(["audit", "verify", "--file", Audit.Path]);
        verified.ShouldSucceed("the chain is whole");
    }

    private async Task DenyAsync(int first, int last)
    {
        for (var n = first; n <= last; n++)
        {
            Assert.False((await _connection.AskAsync(RawConnection.CreateQuestion($"elsewhere.example.com/n{n}x:1"))).Allow);
        }
    }

    /// <summary>To the last byte.</summary>
    private void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in (int[])[64 * 1024, 4096, 1])
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[size]);
                }
            }
            catch (IOException)
            {
                // No room for so many.
            }
        }
    }

    /// <summary>Every line is a whole record, and the last one has its end.</summary>
    private string[] Records()
    {
        var text = File.ReadAllText(Audit.Path);
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var lines = text.TrimEnd('\n').Split('\n');
        Assert.All(lines, l => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(l).RootElement.ValueKind));
        return lines;
    }

    private static void ShouldBeginWith(string[] before, string[] now) => Assert.Equal(before, now.Take(before.Length));
}
