using System.Text.Json;
using System.Text.Json.Serialization;
using AuthzPlugin.Enforcement.Files;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>An administrator has opened permissive mode for a time.</summary>
/// <param name="Reason">His words, escaped.</param>
public sealed record BreakGlassState(DateTimeOffset Since, DateTimeOffset Until, string Reason);

/// <summary>
/// The way out at three in the morning: enforced becomes permissive until a stated time, with a stated reason. It closes by itself and
/// keeps its end over a restart. What cannot be read is closed. Safe for concurrent use.
/// </summary>
public sealed class BreakGlass
{
    public static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private volatile BreakGlassState? _state;

    /// <param name="stateDirectory">Where it is remembered.</param>
    public BreakGlass(string stateDirectory, TimeProvider time)
    {
        _path = Path.Combine(stateDirectory, "break-glass.json");
        _time = time;
        _state = Read();
    }

    /// <summary>Null: closed.</summary>
    public BreakGlassState? Current
    {
        get
        {
            // A clock that was set back behind the beginning does not make it longer.
            var now = _time.GetUtcNow();
            return _state is { } state && state.Since <= now && now < state.Until ? state : null;
        }
    }

    /// <summary>Opens it; one that is open already gets the new end and reason.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is not above zero, or beyond <see cref="Longest"/>.</exception>
    /// <exception cref="IOException">It could not be remembered, and is not open.</exception>
    public BreakGlassState Open(TimeSpan duration, string reason)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(duration, Longest);
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var state = new BreakGlassState(now, now + duration, UntrustedText.Escape(reason));
            DurableFile.CreateDirectory(Path.GetDirectoryName(_path)!);
            DurableFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(state, BreakGlassJson.Default.BreakGlassState));
            _state = state;
            return state;
        }
    }

    /// <summary>Closes it. Null: it was closed.</summary>
    /// <exception cref="IOException">It could not be remembered; it is closed until the next start.</exception>
    public BreakGlassState? Close()
    {
        lock (_lock)
        {
            var state = _state;
            _state = null;
            DurableFile.Delete(_path);
            return state;
        }
    }

    /// <summary>The state whose time is up, once; null: there is none.</summary>
    public BreakGlassState? TakeEnded() => _state is not null && Current is null ? Close() : null;

    /// <summary>A time as a person writes it (<c>30m</c>, <c>1h30m</c>); null: it is none.</summary>
    public static TimeSpan? ParseTime(string? text) => text is null ? null : Json.Duration.Parse(text);

    /// <summary>The policy that is in force now.</summary>
    public TrustPolicy Apply(TrustPolicy policy) => policy.Mode == EnforcementMode.Enforced && Current is not null
        ? policy with { Mode = EnforcementMode.Permissive, BreakGlass = true }
        : policy;

    private BreakGlassState? Read()
    {
        try
        {
            var state = File.Exists(_path) ? JsonSerializer.Deserialize(File.ReadAllBytes(_path), BreakGlassJson.Default.BreakGlassState) : null;
            return state is { Reason: not null } && state.Until - state.Since <= Longest ? state : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // Closed is the safe side; opening it again says what is wrong with the file.
            return null;
        }
    }
}

[JsonSerializable(typeof(BreakGlassState))]
internal sealed partial class BreakGlassJson : JsonSerializerContext;
