using System.Globalization;
using AuthzPlugin.Protocol;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Commands;

/// <summary>The status for people: a line for each fact, the word for it first.</summary>
internal static class StatusOutput
{
    public static void Write(TextWriter output, ServiceStatus status)
    {
        var paint = Paint.For(output);
        output.WriteLine($"content-trust {status.Version}");
        output.WriteLine($"mode         {paint.Mode(status.Mode)}, since {status.InForceSince:u}");
        output.WriteLine($"policy       {status.PolicySource ?? "none"}");
        output.WriteLine($"fingerprint  {status.PolicyFingerprint ?? "none"}");
        output.WriteLine($"last reload  {status.LastReload.At:u}: {Words(status.LastReload.Outcome)}");
        output.WriteLine($"engine       {Engine(status.Engine)}");
        output.WriteLine($"gate         {Gate(status.Gate)}");
        output.WriteLine($"decisions    {Decisions(status.Decisions)}");
        output.WriteLine($"approvals    {status.Approvals}");
        output.WriteLine($"cache        {Cache(status.Cache)}");
        WriteList(output, paint.Bad("BREAK GLASS"), status.BreakGlass is null ? [] : [status.BreakGlass]);
        WriteList(output, "policy problem", status.PolicyProblems);
        WriteList(output, "policy warning", status.PolicyWarnings);
        WriteList(output, "exception", status.Exceptions);
        WriteList(output, "trust server", status.TrustServers.Select(s => Server(s, paint)));
        WriteList(output, "expires", status.Cache.Expiring.Select(e => $"{e.ExpiresAt:u}: the trust data of {e.Repository}; its owner must sign again"));
        if (status.Cache.ExpiringCount > status.Cache.Expiring.Count)
        {
            output.WriteLine($"expires      and {status.Cache.ExpiringCount - status.Cache.Expiring.Count} more");
        }

        WriteList(output, "this host", status.HostWarnings);
        WriteList(output, "running", status.RunningRefused.Select(
            r => $"{(r.Stopped ? "stopped" : "would be refused")}: {UntrustedText.Escape(r.Name)} ({r.ContainerId[..12]}): {r.Message}"));
        output.WriteLine("what no plugin can watch: root on the host, and more; see docs/threat-model.md");
    }

    private static string Words(string outcome) => outcome switch
    {
        "started" => "none yet, the policy is as it was read at the start",
        "unchanged" => "nothing had changed",
        "replaced" => "a new policy came into force",
        "refused" => "refused, the last good policy stays in force",
        _ => "there is no good policy yet",
    };

    private static string Engine(EngineStatus engine) => engine.Problem ?? $"{engine.Version}, {engine.Store} image store";

    private static string Gate(GateStatus gate)
    {
        var state = gate.On
            ? string.Create(
                CultureInfo.InvariantCulture, $"on at {gate.Socket} since {gate.Since:u}, {gate.Connections} connections, engine at {gate.EngineSocket}")
            : "off";
        return gate.Pending is { } pending ? $"{state}; {pending}d, but the commands that content-trust gate {pending} printed were not run" : state;
    }

    private static string Decisions(DecisionStatus counts) =>
        $"{counts.Trusted} trusted, {counts.Excepted} excepted, {counts.Refused} refused, {counts.Undecided} undecided ({counts.Denied} denied) since the start";

    private static string Cache(CacheStatus cache) => cache.Problem
        ?? $"{cache.Repositories} repositories, {cache.Bytes} bytes{(cache.OldestExpiry is { } first ? $", the first expires {first:u}" : "")}";

    private static string Server(TrustServerStatus server, Paint paint)
    {
        var answered = server.LastSuccess is { } at
            ? string.Create(CultureInfo.InvariantCulture, $"answered {at:u}{(server.LatencyMs is { } took ? $" in {took:0} ms" : "")}")
            : "never answered";
        var failed = server.LastFailure is { } when ? $", failed {when:u}: {server.Problem}" : "";
        var next = server.NextTry is { } then ? $", next try {then:u}" : "";
        return $"{server.Server}: {(server.IsInTrouble ? paint.Bad("in trouble") : paint.Good("well"))}, {answered}{failed}{next}";
    }

    private static void WriteList(TextWriter output, string word, IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            output.WriteLine($"{word,-12} {line}");
        }
    }
}
