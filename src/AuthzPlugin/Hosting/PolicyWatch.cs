using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Policy;

namespace AuthzPlugin.Hosting;

/// <summary>Keeps the policy in force up to date (SIGHUP, changed files) and says in the log what came of it.</summary>
internal sealed class PolicyWatch(PolicyHolder holder, BreakGlass glass, PolicyFileWatcher files, TimeProvider time, ILogger logger)
{
    private readonly ExceptionReminder _exceptions = new(time, logger);
    private volatile AuditLog? _audit;
    private volatile Action? _replaced;

    /// <summary>A host that believes itself protected while the mode is disabled is told so again and again (config.md).</summary>
    private static readonly TimeSpan ReminderInterval = TimeSpan.FromHours(1);

    private static readonly TimeSpan GlassInterval = TimeSpan.FromSeconds(1);

    /// <summary>The snapshot that a request is decided under.</summary>
    public PolicyInForce InForce() => holder.State switch
    {
        GoodPolicy good => new PolicyInForce(glass.Apply(good.Policy), ""),
        InvalidPolicy invalid => new PolicyInForce(null, invalid.Refusal),
        _ => throw new InvalidOperationException("a policy state is good or invalid"),
    };

    /// <summary>Mode and source for one log line.</summary>
    public (string Mode, string Source) Describe() => holder.State is GoodPolicy { Policy: var policy }
        ? (glass.Apply(policy).Mode.ToString().ToLowerInvariant(), policy.Source ?? "none")
        : ("invalid-policy", "none");

    /// <summary>From now on changes are audit records too.</summary>
    public void RecordIn(AuditLog audit) => _audit = audit;

    /// <summary>From now on a new policy in force is told here.</summary>
    public void Tell(Action replaced) => _replaced = replaced;

    /// <summary>An event with the policy in force, for the audit log.</summary>
    public AuditEvent Event(string name, string message) => AuditEvent.Now(time, name, message) with
    {
        Mode = Describe().Mode,
        PolicyFingerprint = (holder.State as GoodPolicy)?.Policy.Fingerprint,
    };

    public void LogState()
    {
        var (problems, warnings) = holder.State switch
        {
            InvalidPolicy invalid => (invalid.Problems, invalid.Warnings),
            GoodPolicy good => ([], good.Warnings),
            _ => throw new InvalidOperationException("a policy state is good or invalid"),
        };
        LogFindings(problems, warnings);
        if (holder.State is InvalidPolicy)
        {
            Log.PolicyInvalid(logger);
        }

        RemindIfDisabled();
    }

    public void Reload()
    {
        var reload = holder.Reload();
        LogFindings(reload.Problems, reload.Outcome == ReloadOutcome.Unchanged ? [] : reload.Warnings);
        var (mode, source) = Describe();
        var outcome = reload.Outcome.ToString().ToLowerInvariant();
        Log.PolicyReloaded(logger, outcome, mode, source);
        Record(reload);
        if (reload.Outcome == ReloadOutcome.Replaced)
        {
            _replaced?.Invoke();
        }
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var watching = files.RunAsync(Reload, cancellation);
        var remindedAt = time.GetTimestamp();
        using var timer = new PeriodicTimer(GlassInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
            {
                CloseGlass();
                if (_exceptions.Look((holder.State as GoodPolicy)?.Policy))
                {
                    _replaced?.Invoke();
                }

                if (time.GetElapsedTime(remindedAt) >= ReminderInterval)
                {
                    remindedAt = time.GetTimestamp();
                    RemindIfDisabled();
                }
            }
        }
        catch (OperationCanceledException)
        {
            await watching.ConfigureAwait(false);
        }
    }

    /// <summary>Break-glass was opened or closed: that is on record, and what runs is looked at under the other mode.</summary>
    public void GlassChanged(string happened, string message)
    {
        Log.BreakGlass(logger, message);
        Write(Event(happened, message));
        _replaced?.Invoke();
    }

    private void CloseGlass()
    {
        try
        {
            if (glass.TakeEnded() is { } ended)
            {
                GlassChanged("break-glass-closed", $"the time is up for what was opened {ended.Since:u}: {ended.Reason}");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.EventNotRecorded(logger, "break-glass-closed", e.Message);
        }
    }

    private void Record(PolicyReload reload)
    {
        var happened = reload.Outcome switch
        {
            ReloadOutcome.Replaced => Event("policy-replaced", $"a new policy is in force, from {Describe().Source}"),
            ReloadOutcome.Refused => Event("policy-refused", $"the last good policy stays in force: {reload.Problems[0]}"),
            ReloadOutcome.StillInvalid => Event("policy-refused", $"there is no good policy yet: {reload.Problems[0]}"),
            _ => Event("policy-unchanged", $"the policy was read again and is the same, from {Describe().Source}"),
        };
        Write(happened);
    }

    /// <summary>Writes an event; a full disk is said in the log and stops nothing.</summary>
    public void Write(AuditEvent happened)
    {
        try
        {
            _audit?.Write(happened);
        }
        catch (IOException e)
        {
            Log.EventNotRecorded(logger, happened.Event, e.Message);
        }
    }

    private void RemindIfDisabled()
    {
        if (holder.State is GoodPolicy { Policy.Mode: EnforcementMode.Disabled })
        {
            Log.PolicyDisabled(logger);
        }
    }

    private void LogFindings(IReadOnlyList<PolicyProblem> problems, IReadOnlyList<PolicyProblem> warnings)
    {
        foreach (var problem in problems)
        {
            Log.PolicyProblem(logger, problem.ToString());
        }

        foreach (var warning in warnings)
        {
            Log.PolicyWarning(logger, warning.ToString());
        }
    }
}
