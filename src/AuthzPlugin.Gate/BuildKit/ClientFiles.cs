using AuthzPlugin.Gate.BuildKit.Grpc;
using AuthzPlugin.Gate.BuildKit.Protocol;
using AuthzPlugin.Gate.Http2;
using AuthzPlugin.Gate.Proxy;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>
/// Reads single files from a folder that the client offers in its session, as the engine does: the client names what it has, we ask for
/// some of it by number, it sends the content in pieces.
/// </summary>
internal static class ClientFiles
{
    private const string DiffCopy = "/moby.filesync.v1.FileSync/DiffCopy";

    // The type bits of the mode that Go's file systems use: only a plain file has none.
    private const uint TypeBits = 0x8f28_0000;
    private const uint LinkBit = 0x0800_0000;
    private const int MaxLinks = 8;

    /// <summary>Files that a client may name when it was asked for two.</summary>
    private const int MaxStats = 1000;

    /// <summary>The first of these files that is there; null when none is.</summary>
    /// <param name="folder">The name by which the session knows the folder.</param>
    /// <param name="names">Paths in it, the first is wanted most.</param>
    /// <param name="maxLength">Bytes.</param>
    /// <exception cref="GrpcException">The client does not offer the folder, does not keep to the protocol, or the file is too long.</exception>
    /// <exception cref="IOException">The session ended.</exception>
    public static async Task<byte[]?> ReadAsync(
        Http2Connection session, string folder, IReadOnlyList<string> names, int maxLength, CancellationToken cancellation)
    {
        var metadata = Fields("dir-name", [folder]).Concat(Fields("followpaths", names));
        using var call = await GrpcCall.StartAsync(session, DiffCopy, metadata, cancellation).ConfigureAwait(false);
        var found = await FindAsync(call, names, cancellation).ConfigureAwait(false);
        if (found is null)
        {
            return null;
        }

        await call.WriteAsync(new Packet { Type = Packet.Types.PacketType.Req, Id = found.Value }, cancellation).ConfigureAwait(false);
        var content = await ContentAsync(call, found.Value, maxLength, cancellation).ConfigureAwait(false);
        await call.WriteAsync(new Packet { Type = Packet.Types.PacketType.Fin }, cancellation).ConfigureAwait(false);
        while (await NextAsync(call, cancellation).ConfigureAwait(false) is { } packet && packet.Type != Packet.Types.PacketType.Fin)
        {
            // What is still on the way.
        }

        return content;
    }

    private static async Task<uint?> FindAsync(GrpcCall call, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var files = new Dictionary<string, (uint Number, Stat Stat)>(StringComparer.Ordinal);
        for (var number = 0u; number < MaxStats; number++)
        {
            var packet = await NextAsync(call, cancellation).ConfigureAwait(false);
            if (packet is null or { Type: not Packet.Types.PacketType.Stat })
            {
                throw new GrpcException(GrpcStatusCode.InvalidArgument, "the client does not say which files it has");
            }

            if (packet.Stat is null)
            {
                return names.Select(n => Follow(files, n)).FirstOrDefault(found => found is not null);
            }

            files[packet.Stat.Path] = (number, packet.Stat);
        }

        throw new GrpcException(GrpcStatusCode.ResourceExhausted, "the client names more files than it was asked for");
    }

    // Links of the last part of a path only, which is what a Dockerfile may be; the client sends what they lead to.
    private static uint? Follow(Dictionary<string, (uint Number, Stat Stat)> files, string name)
    {
        for (var links = 0; links < MaxLinks && files.TryGetValue(name, out var file); links++)
        {
            switch (file.Stat.Mode & TypeBits)
            {
                case 0:
                    return file.Number;
                case LinkBit:
                    name = Path.GetFullPath(Path.Combine("/", Path.GetDirectoryName(name) ?? "", file.Stat.Linkname))[1..];
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    private static async Task<byte[]> ContentAsync(GrpcCall call, uint id, int maxLength, CancellationToken cancellation)
    {
        var content = new MemoryStream();
        while (await NextAsync(call, cancellation).ConfigureAwait(false) is { } packet)
        {
            if (packet.Type != Packet.Types.PacketType.Data || packet.Id != id)
            {
                throw new GrpcException(GrpcStatusCode.InvalidArgument, "the client sends something else than the file");
            }

            if (packet.Data.IsEmpty)
            {
                return content.ToArray();
            }

            if (content.Length + packet.Data.Length > maxLength)
            {
                throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"the file has more than {maxLength} bytes");
            }

            content.Write(packet.Data.Span);
        }

        throw new GrpcException(GrpcStatusCode.InvalidArgument, "the file ends early");
    }

    private static async Task<Packet?> NextAsync(GrpcCall call, CancellationToken cancellation)
    {
        var packet = await call.ReadAsync(Packet.Parser, cancellation).ConfigureAwait(false);
        return packet?.Type == Packet.Types.PacketType.Err
            ? throw new GrpcException(GrpcStatusCode.Unknown, $"the client says: {packet.Data.ToStringUtf8()}")
            : packet;
    }

    // As BuildKit does: plain when it is ASCII, otherwise escaped, and a field that says so.
    private static IEnumerable<HeaderField> Fields(string name, IReadOnlyList<string> values)
    {
        var plain = values.All(v => !v.AsSpan().ContainsAnyExceptInRange(' ', '~'));
        return plain
            ? values.Select(v => new HeaderField(name, v))
            : [.. values.Select(v => new HeaderField(name, Uri.EscapeDataString(v))), new HeaderField(name + "-encoded", "1")];
    }
}
