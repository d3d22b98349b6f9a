using AuthzPlugin.Hosting;

namespace AuthzPlugin.Tests.Hosting;

/// <summary>Which of systemd's sockets is which.</summary>
public sealed class PassedSocketsTests
{
    [Theory]
    [InlineData("nothing passed", null, null, null, null, null)]
    [InlineData("for another process", "8", "1", "x", null, null)]
    [InlineData("an old systemd without names", "7", "1", null, 3, null)]
    [InlineData("the plugin's alone", "7", "1", "content-trust.socket", 3, null)]
    [InlineData("the gate's alone", "7", "1", "gate", null, 3)]
    [InlineData("plugin first", "7", "2", "content-trust.socket:gate", 3, 4)]
    [InlineData("gate first", "7", "2", "gate:content-trust.socket", 4, 3)]
    [InlineData("not a number", "7", "many", "gate", null, null)]
    public void They_are_told_apart_by_name(string name, string? pid, string? count, string? names, int? plugin, int? gate)
    {
        var passed = PassedSockets.Read(Variables(pid, count, names), 7);

        Assert.True(new PassedSockets(plugin, gate) == passed, name);
    }

    [Theory]
    [InlineData("2", "a:b")]
    [InlineData("3", "gate:gate:a")]
    public void Two_of_a_kind_are_an_error(string count, string names) =>
        Assert.Throws<IOException>(() => PassedSockets.Read(Variables("7", count, names), 7));

    private static Func<string, string?> Variables(string? pid, string? count, string? names) => name => name switch
    {
        "LISTEN_PID" => pid,
        "LISTEN_FDS" => count,
        _ => names,
    };
}
