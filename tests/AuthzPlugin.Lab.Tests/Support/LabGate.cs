using System.Net.Sockets;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>The product's gate in front of the lab's engine, and the docker command line tool over it.</summary>
public sealed class LabGate
{
    private readonly LabFixture _lab;

    private LabGate(LabFixture lab, string socket)
    {
        _lab = lab;
        Socket = socket;
    }

    /// <summary>Where clients find it.</summary>
    public string Socket { get; }

    /// <summary>Restarts the service with a gate; the common state of the next test is without one again.</summary>
    public static async Task<LabGate> OpenAsync(LabFixture lab)
    {
        var gate = new LabGate(lab, Path.Combine(lab.Root, "gate.sock"));
        await lab.Plugin.RestartAsync("--gate-socket", gate.Socket);
        return gate;
    }

    public Task<CommandResult> DockerAsync(params string[] arguments) => DockerAsync("", arguments);

    /// <param name="input">Standard input, which ends then.</param>
    public Task<CommandResult> DockerAsync(string input, string[] arguments) => RunAsync(Socket, input, arguments);

    /// <summary>The same, past the gate.</summary>
    public Task<CommandResult> DirectAsync(params string[] arguments) => RunAsync(_lab.Env["LAB_ENGINE_SOCKET"], "", arguments);

    /// <summary>A shell command in which <c>docker</c> speaks to the gate.</summary>
    public Task<CommandResult> ShellAsync(string script) =>
        Command.RunAsync("/bin/bash", ["-o", "pipefail", "-c", script], Environment(Socket), TimeSpan.FromMinutes(2));

    public EngineApi Api() => new(Socket);

    public Task<RawConnection> ConnectAsync() => RawConnection.ConnectAsync(Socket);

    /// <summary>A plain connection to this gate, or to the engine.</summary>
    public static async Task<Socket> ConnectAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private Task<CommandResult> RunAsync(string socket, string input, string[] arguments) =>
        Command.RunAsync(_lab.Env["LAB_DOCKER"], arguments, Environment(socket), input: input);

    private Dictionary<string, string> Environment(string socket) => new()
    {
        ["PATH"] = $"{Path.GetDirectoryName(_lab.Env["LAB_DOCKER"])}:/usr/sbin:/usr/bin:/sbin:/bin",
        ["HOME"] = _lab.Root,
        ["DOCKER_HOST"] = "unix://" + socket,
        ["DOCKER_CONFIG"] = _lab.Env["DOCKER_CONFIG"],
    };
}
