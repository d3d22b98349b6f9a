using System.Globalization;

namespace AuthzPlugin.Hosting;

/// <summary>The listening sockets that systemd passed to this process, by their names (sd_listen_fds(3)).</summary>
/// <param name="Plugin">Descriptor of the plugin's socket; null when it was not passed.</param>
/// <param name="Gate">Descriptor of the gate's socket; null when it was not passed.</param>
internal sealed record PassedSockets(int? Plugin, int? Gate)
{
    /// <summary>FileDescriptorName of the gate's socket; every other name is the plugin's.</summary>
    public const string GateName = "gate";

    /// <summary>SD_LISTEN_FDS_START.</summary>
    private const int First = 3;

    /// <summary>More than this were never passed by units of ours.</summary>
    private const int Most = 16;

    private static readonly PassedSockets None = new(null, null);

    /// <exception cref="IOException">Several sockets for one purpose were passed.</exception>
    public static PassedSockets Read(Func<string, string?> environment, int processId)
    {
        if (environment("LISTEN_PID") != processId.ToString(CultureInfo.InvariantCulture)
            || !int.TryParse(environment("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || count is < 1 or > Most)
        {
            return None;
        }

        var names = environment("LISTEN_FDNAMES")?.Split(':') ?? [];
        var gates = Enumerable.Range(0, count).Where(i => i < names.Length && names[i] == GateName).ToArray();
        var plugins = Enumerable.Range(0, count).Except(gates).ToArray();
        return gates.Length > 1 || plugins.Length > 1
            ? throw new IOException($"systemd passed {plugins.Length} plugin sockets and {gates.Length} gate sockets; one of each is served")
            : new PassedSockets(DescriptorOf(plugins), DescriptorOf(gates));
    }

    private static int? DescriptorOf(int[] positions) => positions is [var position] ? First + position : null;
}
