using System.Security.Cryptography;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.Authorization;

/// <summary>What the gate knows about a request that it forwards.</summary>
/// <param name="Method">The method that it forwards.</param>
/// <param name="Target">The request target exactly as it forwards it.</param>
/// <param name="Inspected">The gate saw what this build begins from, and answers for it.</param>
public sealed record GatePass(string Method, string Target, CallerIdentity Caller, bool Inspected);

/// <summary>
/// Carries what the gate knows past the engine to the plugin side of the same process: the forwarded request has a one-time id in a
/// header, and only this table knows what it stands for. An id is 256 random bits, belongs to one method and target, serves one
/// question and one report of a result, and ends with its exchange. Nobody else can forge one; a client's own header never gets here.
/// </summary>
public sealed class GatePasses(TimeProvider time)
{
    /// <summary>The header that carries the id to the engine, which passes it on to its plugins.</summary>
    public const string Header = "X-Content-Trust-Gate";

    /// <summary>The engine asks its plugins before it does anything else.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    /// <summary>Random bytes of an id.</summary>
    private const int IdBytes = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Exchanges that are under way.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Registers what is about to be forwarded. Disposing of the lease makes the id worthless.</summary>
    public GateLease Issue(GatePass pass)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        lock (_lock)
        {
            _entries.Add(id, new Entry(pass, time.GetUtcNow() + Lifetime));
        }

        return new GateLease(this, id);
    }

    /// <summary>The pass of a request that the engine asks about, once; null when it has none that is valid for it.</summary>
    public GatePass? TakeForRequest(AuthZRequest request)
    {
        lock (_lock)
        {
            if (Find(request) is not { Asked: false } entry || entry.ValidUntil < time.GetUtcNow())
            {
                return null;
            }

            entry.Asked = true;
            return entry.Pass;
        }
    }

    /// <summary>The pass of a request whose result the engine reports, once, and only after its question.</summary>
    public GatePass? TakeForResponse(AuthZRequest request)
    {
        lock (_lock)
        {
            if (Find(request) is not { Asked: true, Reported: false } entry)
            {
                return null;
            }

            entry.Reported = true;
            return entry.Pass;
        }
    }

    internal void Revoke(string id)
    {
        lock (_lock)
        {
            _entries.Remove(id);
        }
    }

    private Entry? Find(AuthZRequest request) =>
        request.Headers.TryGetValue(Header, out var id)
        && _entries.TryGetValue(id, out var entry)
        && entry.Pass.Method == request.Method
        && entry.Pass.Target == request.Uri
            ? entry
            : null;

    private sealed class Entry(GatePass pass, DateTimeOffset validUntil)
    {
        public GatePass Pass { get; } = pass;

        public DateTimeOffset ValidUntil { get; } = validUntil;

        public bool Asked { get; set; }

        public bool Reported { get; set; }
    }
}

/// <summary>An issued id, for as long as its exchange lasts.</summary>
public sealed class GateLease : IDisposable
{
    private readonly GatePasses _passes;

    internal GateLease(GatePasses passes, string id)
    {
        _passes = passes;
        Id = id;
    }

    /// <summary>The value of <see cref="GatePasses.Header"/>.</summary>
    public string Id { get; }

    public void Dispose() => _passes.Revoke(Id);
}
