using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Metadata;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>
/// The attack of somebody who got into the Notary server: it keeps the timestamp key, and mostly the snapshot key, in its memory,
/// and this takes them from there. With its "local" trust service they are Ed25519 keys: 32 secret bytes, then the 32 public ones.
/// </summary>
public sealed class StolenKeys(LabFixture lab, NotaryFiles files)
{
    private const int Size = 32;

    /// <summary>Versions, expiry or both changed, and signed as the server does. The snapshot is the one that the server has now.</summary>
    public async Task<byte[]> TimestampAsync(string repository, Action<JsonObject> change) =>
        Sign(await files.SignedAsync(repository, "timestamp"), change, await KeyAsync(repository, "timestamp"));

    /// <summary>A snapshot that is changed like that, and a timestamp that names it.</summary>
    public async Task<(byte[] Snapshot, byte[] Timestamp)> SnapshotAsync(string repository, Action<JsonObject> change)
    {
        var snapshot = Sign(await files.SignedAsync(repository, "snapshot"), change, await KeyAsync(repository, "snapshot"));
        var timestamp = await TimestampAsync(repository, signed =>
        {
            change(signed);
            signed["meta"]!["snapshot"] = new JsonObject
            {
                ["length"] = snapshot.Length,
                ["hashes"] = new JsonObject { ["sha256"] = Convert.ToBase64String(SHA256.HashData(snapshot)) },
            };
        });
        return (snapshot, timestamp);
    }

    private static byte[] Sign(JsonObject signed, Action<JsonObject> change, TestKey key)
    {
        change(signed);
        return MetadataWriter.Sign(signed, [key]);
    }

    private async Task<TestKey> KeyAsync(string repository, string role)
    {
        var root = await files.SignedAsync(repository, "root");
        var id = root["roles"]![role]!["keyids"]![0]!.GetValue<string>();
        var key = root["keys"]![id]!;
        if (key["keytype"]!.GetValue<string>() != "ed25519")
        {
            throw new InvalidOperationException($"the {role} key of {repository} is not the Notary server's");
        }

        var publicBytes = Convert.FromBase64String(key["keyval"]!["public"]!.GetValue<string>());
        return Find(publicBytes) ?? throw new InvalidOperationException($"the Notary server's memory does not hold the {role} key");
    }

    private TestKey? Find(byte[] publicBytes)
    {
        var process = File.ReadAllText(lab.Env["LAB_NOTARY_SERVER_PID_FILE"]).Trim();
        using var memory = File.OpenHandle($"/proc/{process}/mem");
        return File.ReadAllLines($"/proc/{process}/maps")
            .Where(line => line.Split(' ')[1].StartsWith("rw", StringComparison.Ordinal))
            .Select(line => Find(publicBytes, Read(memory, line.Split(' ')[0].Split('-'))))
            .FirstOrDefault(key => key is not null);
    }

    private static byte[] Read(Microsoft.Win32.SafeHandles.SafeFileHandle memory, string[] range)
    {
        var start = long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var content = new byte[long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) - start];
        try
        {
            return content[..RandomAccess.Read(memory, content, start)];
        }
        catch (IOException)
        {
            // Memory that nobody may read, such as the kernel's own pages.
            return [];
        }
    }

    private static TestKey? Find(byte[] publicBytes, byte[] memory)
    {
        for (var at = Next(0); at >= 0; at = Next(at + 1))
        {
            if (at >= Size && TestKey.Ed25519(memory[(at - Size)..at]) is var key && key.PublicBytes.AsSpan().SequenceEqual(publicBytes))
            {
                return key;
            }
        }

        return null;

        int Next(int from)
        {
            var found = memory.AsSpan(from).IndexOf(publicBytes);
            return found < 0 ? -1 : from + found;
        }
    }
}
