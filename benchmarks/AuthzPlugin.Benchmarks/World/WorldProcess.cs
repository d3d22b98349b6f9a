using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using AuthzPlugin.Testing.Engine;
using AuthzPlugin.Testing.Tls;

namespace AuthzPlugin.Benchmarks.World;

/// <summary>
/// Everything around the plugin, in a process of its own so that its work is not measured as the load driver's: the engine and the trust servers.
/// One command a line on standard input, one answer a line on standard output; it ends with its input.
/// </summary>
internal sealed class WorldProcess : IAsyncDisposable
{
    private readonly TestAuthority _authority = new("Benchmark Authority");
    private readonly SimulatedEngine _engine = new();
    private readonly Publisher _publisher = new();
    private readonly X509Certificate2 _certificate;
    private readonly TrustServer _server;
    private readonly List<TrustServer> _alone = [];

    private WorldProcess()
    {
        _certificate = _authority.Server(null, "localhost");
        _server = new TrustServer(_certificate);
    }

    /// <param name="folder">Gets <c>engine.sock</c> and <c>ca.crt</c>.</param>
    public static async Task<int> RunAsync(string folder)
    {
        await using var world = new WorldProcess();
        await File.WriteAllTextAsync(Path.Combine(folder, "ca.crt"), world._authority.Pem);
        await using var engine = await EngineSocket.StartAsync(world._engine, Path.Combine(folder, "engine.sock"));
        await world._server.StartAsync();
        world.AddApp();
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{world._publisher.Pin} {world._server.Port}"));
        while (await Console.In.ReadLineAsync() is { } line)
        {
            await Console.Out.WriteLineAsync(await world.ObeyAsync(line.Split(' ')));
        }

        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        foreach (var server in _alone)
        {
            await server.DisposeAsync();
        }

        _certificate.Dispose();
        _authority.Dispose();
    }

    private async Task<string> ObeyAsync(string[] words)
    {
        switch (words)
        {
            case ["many", var group, var count]:
                foreach (var number in Enumerable.Range(0, Number(count)))
                {
                    _server.Publish(_publisher.Repository(Names.Numbered(group, number)));
                }

                return "done";
            case ["alone", var count]:
                return await AddAloneAsync(Number(count));
            case ["rotate", var name]:
                var repository = _server.Find(name);
                Publisher.Rotate(repository);
                _server.Publish(repository);
                return "done";
            case ["away"]:
                await _server.StopAsync();
                return "done";
            case ["back"]:
                await _server.StartAsync();
                return "done";
            default:
                throw new ArgumentException($"the world knows no command {string.Join(' ', words)}");
        }
    }

    /// <summary>Servers that nobody has a connection to; answers their ports.</summary>
    private async Task<string> AddAloneAsync(int count)
    {
        var ports = new List<int>();
        for (var i = 0; i < count; i++)
        {
            var server = new TrustServer(_certificate);
            await server.StartAsync();
            server.Publish(_publisher.Repository(Names.Alone(i)));
            _alone.Add(server);
            ports.Add(server.Port);
        }

        return string.Join(' ', ports);
    }

    private void AddApp()
    {
        var (image, tag) = ("sha256:" + Names.ImageIdOf(Names.App), $"{Names.App}:{Names.Tag}");
        _server.Publish(_publisher.Repository(Names.App));
        _engine.Images[image] = new SimulatedImage(image, [$"{Names.App}@sha256:{Names.DigestOf(Names.App)}"]);
        _engine.Tags[tag] = image;
        _engine.Registry[tag] = "sha256:" + Names.DigestOf(Names.App);
        _engine.Containers[Names.Container] = new SimulatedContainer
        {
            Id = Names.Container, Name = "app", ImageId = image, ConfiguredImage = tag,
        };
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
