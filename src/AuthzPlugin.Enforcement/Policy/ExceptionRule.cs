using System.Globalization;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>
/// What an administrator lets run although nobody signed it, until a stated time and for a stated reason. Either a digest or a pattern.
/// </summary>
public sealed record ExceptionRule
{
    /// <summary>Of a manifest, an index or an image configuration (the classic store's image id); null for a pattern.</summary>
    public Digest? Digest { get; init; }

    /// <summary>Repositories whose every content may run: whoever may tag an image can use it. Null for a digest.</summary>
    public string? Image { get; init; }

    /// <summary>The administrator's words, escaped.</summary>
    public required string Reason { get; init; }

    /// <summary>From this moment on it is no exception any more. UTC.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The file that it stands in.</summary>
    public required string Source { get; init; }

    /// <summary>Its JSON path there.</summary>
    public required string Path { get; init; }

    /// <summary>What it is for, for a message.</summary>
    public string Subject => Digest?.ToString() ?? $"{Image} (any content)";

    /// <summary><c>2027-01-31T00:00:00Z</c></summary>
    public string End => Expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public override string ToString() => $"{Subject} until {End}: {Reason}";

    public bool IsInForce(DateTimeOffset now) => now < Expires;
}
