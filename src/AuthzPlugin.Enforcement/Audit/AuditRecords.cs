using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.Audit;

/// <summary>Makes audit records from decisions.</summary>
internal static class AuditRecords
{
    private const int MaxUriLength = 2048;

    public static AuditRecord From(
        Decision decision, AuthZRequest? request, string phase, string mode, string answer, DateTimeOffset at, TimeSpan duration) => new()
        {
            Time = AuditEvent.TimeOf(at),
            Phase = phase,
            Mode = mode,
            Answer = answer,
            Outcome = decision.Outcome.ToString().ToLowerInvariant(),
            Reason = decision.Reason.ToText(),
            Message = decision.Message,
            Method = request?.Method,
            Uri = request is { Uri.Length: > MaxUriLength } ? request.Uri[..MaxUriLength] : request?.Uri,
            Image = decision.Image.Length == 0 ? null : decision.Image,
            Repository = decision.Repository,
            Tag = decision.Tag,
            SignedDigest = decision.SignedDigest?.ToString(),
            LocalDigest = decision.LocalDigest?.ToString(),
            ImageId = decision.ImageId?.ToString(),
            ContainerId = decision.ContainerId,
            RootKeyIds = decision.RootKeyIds.Count == 0 ? null : decision.RootKeyIds,
            Evidence = decision.Evidence.Count == 0 ? null : [.. decision.Evidence.Select(e => new AuditEvidence { Kind = e.Kind, KeyIds = e.KeyIds, Signers = e.Signers })],
            Bases = decision.Bases.Count == 0 ? null : decision.Bases,
            Role = decision.Role,
            Cached = decision.FromCache,
            Stale = decision.Stale,
            User = request?.User,
            AuthMethod = request?.AuthMethod,
            Uid = request?.Caller?.Uid,
            Gid = request?.Caller?.Gid,
            Pid = request?.Caller?.Pid,
            UserName = request?.Caller?.UserName,
            DurationMs = Math.Round(duration.TotalMilliseconds, 3),
            Checks = AuditCheck.Of(decision),
        };
}
