using System.Text.Json;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>One record of the audit log, as the admin's tools read it.</summary>
public sealed class AuditEntry(string line)
{
    private readonly JsonElement _json = JsonSerializer.Deserialize<JsonElement>(line);

    public string Phase => Text("phase");

    public string Mode => Text("mode");

    public string Answer => Text("answer");

    public string Outcome => Text("outcome");

    public string Reason => Text("reason");

    public string Message => Text("message");

    public string Uri => Text("uri");

    public string Image => Text("image");

    public string Tag => Text("tag");

    public string Role => Text("role");

    public string SignedDigest => Text("signed-digest");

    public string LocalDigest => Text("local-digest");

    public string ContainerId => Text("container-id");

    public bool Stale => _json.GetProperty("stale").GetBoolean();

    public bool Cached => _json.GetProperty("cached").GetBoolean();

    public double Milliseconds => _json.GetProperty("duration-ms").GetDouble();

    /// <summary>Checks as <c>what=result</c>.</summary>
    public IReadOnlyList<string> Checks =>
        [.. _json.GetProperty("checks").EnumerateArray().Select(c => $"{c.GetProperty("check").GetString()}={c.GetProperty("result").GetString()}")];

    /// <summary>Whether it stands for refusals that were counted.</summary>
    public bool IsCount => _json.TryGetProperty("repeated", out _);

    /// <summary>Whether it is about creating a container.</summary>
    public bool IsCreate => Uri.Contains("/containers/create", StringComparison.Ordinal);

    public bool IsStart => Uri.EndsWith("/start", StringComparison.Ordinal);

    public override string ToString() => line;

    private string Text(string name) => _json.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
