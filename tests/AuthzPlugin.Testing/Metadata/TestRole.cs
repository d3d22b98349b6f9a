using System.Text.Json.Nodes;

namespace AuthzPlugin.Testing.Metadata;

/// <summary>One role of a test repository: change a property, publish, and the change is signed.</summary>
public class TestRole
{
    public TestRole(string name, DateTimeOffset expires, params IEnumerable<TestKey> keys)
    {
        Name = name;
        Expires = expires;
        Keys = [.. keys];
    }

    public string Name { get; }

    /// <summary>Keys that the parent (root, or the delegating role) lists.</summary>
    public List<TestKey> Keys { get; set; }

    public int Threshold { get; set; } = 1;

    public long Version { get; set; } = 1;

    public DateTimeOffset Expires { get; set; }

    /// <summary>Keys that sign; null means <see cref="Keys"/>.</summary>
    public List<TestKey>? SignWith { get; set; }

    /// <summary>Damages the signed part before it is signed.</summary>
    public Action<JsonObject>? Change { get; set; }

    /// <summary>Damages the file after it is signed, before its parent hashes it.</summary>
    public Func<byte[], byte[]>? Corrupt { get; set; }

    internal byte[] Write(JsonObject signed)
    {
        Change?.Invoke(signed);
        var file = MetadataWriter.Sign(signed, SignWith ?? Keys);
        return Corrupt?.Invoke(file) ?? file;
    }
}

/// <summary><c>targets</c> or a delegation.</summary>
public sealed class TestTargets : TestRole
{
    public TestTargets(string name, DateTimeOffset expires, params IEnumerable<TestKey> keys)
        : base(name, expires, keys)
    {
    }

    /// <summary>Tag → 64 hex digits of the sha256 of its manifest.</summary>
    public Dictionary<string, string> Tags { get; } = new(StringComparer.Ordinal);

    /// <summary>Roles that this one delegates to, in order.</summary>
    public List<TestTargets> Delegations { get; } = [];

    /// <summary>Tag prefixes the parent lets it speak for. <c>[""]</c> is everything.</summary>
    public List<string> Paths { get; set; } = [""];

    /// <summary>Whether it has a file that the snapshot lists.</summary>
    public bool Listed { get; set; } = true;
}
