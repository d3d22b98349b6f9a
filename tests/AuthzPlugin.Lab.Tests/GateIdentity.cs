using System.Text.Json;
using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>Who called is in the record of what was decided, as the kernel says it.</summary>
[Collection(LabFixture.Collection)]
public sealed class GateIdentity(LabFixture lab)
{
    private const int Nobody = 65534;

    [Fact]
    public Task The_record_of_a_request_through_the_gate_names_its_caller() => lab.TestAsync(async () =>
    {
        var gate = await LabGate.OpenAsync(lab);
        var image = await lab.SignedAsync("gateid1", "1");

        // The way to the socket is open to everybody for this test: the lab's folder is root's.
        var open = Directory.CreateTempSubdirectory("ct-gate-open-").FullName;
        try
        {
            await lab.Plugin.RestartAsync("--gate-socket", open + "/gate.sock");
            File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
            File.SetUnixFileMode(open + "/gate.sock", (UnixFileMode)0b110_110_110);
            lab.Plugin.AuditLog.Mark();
            (await gate.ShellAsync(
                $"setpriv --reuid={Nobody} --regid={Nobody} --clear-groups curl -sf --unix-socket {open}/gate.sock -X POST -H 'Content-Type: application/json' "
                + $"-H 'X-Content-Trust-Gate: {new string('0', 64)}' -H 'X-Content-Trust-Call: x' "
                + $"-d '{{\"Image\":\"{image.Reference}\",\"HostConfig\":{{\"NetworkMode\":\"none\"}}}}' http://d/v1.41/containers/create")).ShouldSucceed();
            await lab.Engine.CreateAsync(image.Reference);
        }
        finally
        {
            Directory.Delete(open, recursive: true);
        }

        var creates = lab.Plugin.Audit().Where(r => r.IsCreate).Select(r => JsonSerializer.Deserialize<JsonElement>(r.ToString())).ToArray();
        Assert.Equal(4, creates.Length);
        foreach (var record in creates[..2])
        {
            Assert.Equal((Nobody, Nobody, "nobody"), (record.GetProperty("uid").GetInt32(), record.GetProperty("gid").GetInt32(), record.GetProperty("user-name").GetString()));
            Assert.True(record.GetProperty("pid").GetInt32() > 1);
        }

        // Past the gate nobody says who called.
        Assert.All(creates[2..], record => Assert.False(record.TryGetProperty("uid", out _)));
    });
}
