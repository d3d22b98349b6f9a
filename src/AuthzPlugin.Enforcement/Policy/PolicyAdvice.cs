using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Trust.Pinning;

namespace AuthzPlugin.Enforcement.Policy;

/// <summary>Rules that look at more than one value, and warnings about legal values with consequences.</summary>
internal static class PolicyAdvice
{
    public static void Give(PolicyDraft draft, ConfigNode stanza, Findings findings)
    {
        AboutPins(draft.Pinning, findings);
        AboutOfficialImages(draft.Pinning, findings);
        AboutMode(draft, stanza, findings);
        AboutTimes(draft, stanza, findings);
        AboutExpiredData(draft, stanza, findings);
        AboutHostAccess(draft, stanza, findings);
        AboutGates(draft, stanza, findings);
        SignatureReport.Advise(draft, stanza, findings);
    }

    /// <summary>One entry decides and cert-ids come first, so a root-keys entry of the same repository is never reached.</summary>
    private static void AboutPins(PinningDraft pinning, Findings findings)
    {
        var certIds = pinning.Written
            .Where(w => w.Pin.Kind == PinKind.CertIds)
            .Select(w => w.Pin.Pattern)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var (_, path) in pinning.Written.Where(w => w.Pin.Kind == PinKind.RootKeys && certIds.Contains(w.Pin.Pattern)))
        {
            findings.Problem(
                path,
                "an entry that is never reached, because cert-ids has the same repository",
                "one entry",
                "remove one of them");
        }
    }

    private static void AboutOfficialImages(PinningDraft pinning, Findings findings)
    {
        if (pinning is not { OfficialImages: true, OfficialPath: { } path })
        {
            return;
        }

        if (pinning.OfficialIsOverridden)
        {
            findings.Warning(path, "true beside root-keys for docker.io/library/*, which decides alone", "one of them", "set it to false");
            return;
        }

        findings.Warning(
            path,
            "true: Docker's trust data for its official images expired in August 2025; notary.docker.io shuts down on 8 December 2026",
            "false",
            "sign copies of these images in a registry of your own and pin its root key");
    }

    private static void AboutMode(PolicyDraft draft, ConfigNode stanza, Findings findings)
    {
        if (draft.Mode == EnforcementMode.Disabled)
        {
            findings.Warning(
                stanza.PathOf(PolicyKeys.Mode),
                "\"disabled\": every image can run",
                PolicyKeys.ModeWords,
                "write \"enforced\" to enforce");
        }
        else if (!draft.Pinning.EffectivePins().Any() && draft.Signatures.Count == 0)
        {
            findings.Warning(stanza.PathOf("trust-pinning"), "no pin: no image is trusted", "at least one pin", "add one to root-keys");
        }
    }

    private static void AboutTimes(PolicyDraft draft, ConfigNode stanza, Findings findings)
    {
        AboutTime(
            "freshness",
            draft.Freshness,
            TimeSpan.FromHours(1),
            "every decision waits for the trust server",
            "a withdrawn signature counts for as long");
        AboutTime(
            "max-stale",
            draft.MaxStale,
            TimeSpan.FromDays(30),
            "an outage of the trust server stops every new container",
            "whoever blocks the trust server hides a withdrawal for as long");
        AboutTime(
            "deleted-grace",
            draft.DeletedGrace,
            TimeSpan.FromDays(1),
            "one wrong 404 of the trust server refuses the repository at once",
            "deleted trust data counts for as long");

        void AboutTime(string key, TimeSpan? value, TimeSpan most, string ofZero, string ofMore)
        {
            if (value is not { } time || (time > TimeSpan.Zero && time <= most))
            {
                return;
            }

            var found = $"\"{Duration.Format(time)}\": {(time == TimeSpan.Zero ? ofZero : ofMore)}";
            findings.Warning(
                stanza.PathOf(key),
                found,
                $"better more than 0s and at most {Duration.Format(most)}",
                "choose a value in that range");
        }
    }

    private static void AboutExpiredData(PolicyDraft draft, ConfigNode stanza, Findings findings)
    {
        if (draft.AllowExpired == true)
        {
            findings.Warning(
                PolicyKeys.PathIn(stanza, "allow-expired-cached-trust-data"),
                "true: while the trust server is unreachable cached data counts without limit, and max-stale does not apply",
                "false",
                "set it to false unless this host must run for long without a trust server");
        }
    }

    private static void AboutHostAccess(PolicyDraft draft, ConfigNode stanza, Findings findings)
    {
        if (draft.HostAccess != PolicyAnswer.Allow)
        {
            return;
        }

        findings.Warning(
            stanza.PathOf("host-access"),
            "\"allow\": the promise holds only against callers who do not use it, since a container with access to the host can change every rule",
            "\"refuse\"",
            "write \"refuse\", and name the repositories that need it in host-access-for");
        if (draft.HostAccessFor.Count > 0)
        {
            findings.Warning(
                stanza.PathOf("host-access-for"), "a list beside host-access \"allow\", which is for all", "one of them", "remove host-access");
        }
    }

    private static void AboutGates(PolicyDraft draft, ConfigNode stanza, Findings findings)
    {
        AboutGate("builds", draft.Builds, "build steps of unsigned base images run on this host, since no plugin sees a build's images");
        AboutGate("swarm", draft.Swarm, "managers of the swarm start images here that nobody is asked about");

        if (draft.RemoteContexts)
        {
            findings.Warning(
                stanza.PathOf("builds-allow"),
                "\"remote\": the engine fetches such a context itself, so that nobody sees which images the build begins from",
                "[]",
                "fetch the context and send it");
        }

        if (draft.LocalBuilds == PolicyAnswer.Allow)
        {
            findings.Warning(
                stanza.PathOf("local-builds"),
                draft.Builds == PolicyAnswer.Gate
                    ? "\"allow\": whoever may build here may start what the build put on top of signed images, which nobody signed"
                    : "\"allow\" without builds \"gate\": no build is seen, so none is admitted",
                "\"refuse\"",
                "write \"refuse\" unless that is meant, and builds \"gate\" beside it");
        }

        void AboutGate(string key, PolicyAnswer? answer, string consequence)
        {
            if (answer == PolicyAnswer.Allow)
            {
                findings.Warning(stanza.PathOf(key), $"\"allow\": {consequence}", "\"refuse\"", "write \"refuse\" unless that is meant");
            }
        }
    }
}
