using AuthzPlugin.Enforcement.Policy;
using static AuthzPlugin.Enforcement.Tests.Policy.PolicyTexts;

namespace AuthzPlugin.Enforcement.Tests.Policy;

public class PolicyHolderTests
{
    private const string Other = """{ "mode": "permissive" }""";

    private readonly ManualTime _time = new();
    private string? _daemon = $$"""{ "content-trust": {{Good}} }""";
    private string? _file;

    [Fact]
    public void A_good_policy_is_in_force_from_the_start()
    {
        var good = Assert.IsType<GoodPolicy>(Make().State);

        Assert.Equal(EnforcementMode.Enforced, good.Policy.Mode);
    }

    [Fact]
    public void A_reload_puts_a_new_policy_in_force()
    {
        var holder = Make();
        var before = holder.State;
        _daemon = $$"""{ "content-trust": {{Other}} }""";
        _time.Advance(TimeSpan.FromMinutes(1));

        var reload = holder.Reload();

        Assert.Equal(ReloadOutcome.Replaced, reload.Outcome);
        Assert.Same(reload.State, holder.State);
        Assert.Equal(EnforcementMode.Permissive, Assert.IsType<GoodPolicy>(holder.State).Policy.Mode);
        Assert.Equal(EnforcementMode.Enforced, Assert.IsType<GoodPolicy>(before).Policy.Mode);
        Assert.Equal(_time.GetUtcNow(), holder.Snapshot.InForceSince);
    }

    [Fact]
    public void A_change_elsewhere_in_the_file_changes_nothing()
    {
        var holder = Make();
        var since = holder.Snapshot.InForceSince;
        _daemon = $$"""{ "debug": true, "content-trust": {{Good}} }""";
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(ReloadOutcome.Unchanged, holder.Reload().Outcome);
        Assert.Equal((since, _time.GetUtcNow()), (holder.Snapshot.InForceSince, holder.Snapshot.LastAttempt));
    }

    [Theory]
    [InlineData("bad mode", """{ "content-trust": { "mode": "on" } }""", "content-trust.mode")]
    [InlineData("half written", """{ "content-trust": { "mode": "dis""", "$")]
    [InlineData("no stanza", """{ "debug": true }""", "content-trust")]
    [InlineData("empty", "", "content-trust")]
    [InlineData("absent", null, "content-trust")]
    [InlineData("misspelt", """{ "builder": { "content-tust": { "mode": "disabled" } } }""", "builder.content-tust")]
    public void A_bad_policy_is_refused_and_the_last_good_one_stays(string name, string? daemon, string path)
    {
        var holder = Make();
        _daemon = daemon;

        var reload = holder.Reload();

        Assert.Equal((name, ReloadOutcome.Refused, path), (name, reload.Outcome, Assert.Single(reload.Problems).Path));
        Assert.Equal(EnforcementMode.Enforced, Assert.IsType<GoodPolicy>(holder.State).Policy.Mode);
        Assert.Equal(reload.Problems, holder.Snapshot.RefusedProblems);
        Assert.Equal(ReloadOutcome.Refused, holder.Reload().Outcome);
    }

    [Fact]
    public void A_good_policy_after_a_refused_one_clears_the_problems()
    {
        var holder = Make();
        _daemon = null;
        holder.Reload();
        _daemon = $$"""{ "content-trust": {{Good}} }""";

        Assert.Equal(ReloadOutcome.Unchanged, holder.Reload().Outcome);
        Assert.Empty(holder.Snapshot.RefusedProblems);
    }

    [Fact]
    public void A_policy_may_move_to_another_place()
    {
        var holder = Make();
        (_daemon, _file) = ("{}", Good);

        Assert.Equal(ReloadOutcome.Replaced, holder.Reload().Outcome);
    }

    [Fact]
    public void Disabled_on_purpose_is_a_policy()
    {
        var holder = Make();
        _daemon = """{ "content-trust": { "mode": "disabled" } }""";

        Assert.Equal(ReloadOutcome.Replaced, holder.Reload().Outcome);
        Assert.Equal(EnforcementMode.Disabled, Assert.IsType<GoodPolicy>(holder.State).Policy.Mode);
    }

    [Fact]
    public void Without_a_policy_from_the_start_absence_is_no_loss()
    {
        _daemon = null;
        var holder = Make();

        Assert.Equal(ReloadOutcome.Unchanged, holder.Reload().Outcome);
        Assert.Equal(EnforcementMode.Disabled, Assert.IsType<GoodPolicy>(holder.State).Policy.Mode);
    }

    [Fact]
    public void A_bad_policy_at_the_start_refuses_with_the_first_problem_and_recovers()
    {
        _daemon = """{ "content-trust": { "mode": "on", "color": 1, "max-stale": 2 } }""";
        var holder = Make();

        Assert.Equal(
            "the content-trust policy is invalid: /etc/docker/daemon.json: content-trust.mode: found \"on\", "
            + "legal is \"disabled\", \"permissive\" or \"enforced\" (+2 more); run content-trust check-config",
            Assert.IsType<InvalidPolicy>(holder.State).Refusal);
        Assert.Equal(ReloadOutcome.StillInvalid, holder.Reload().Outcome);
        _daemon = $$"""{ "content-trust": {{Good}} }""";
        Assert.Equal(ReloadOutcome.Replaced, holder.Reload().Outcome);
        Assert.IsType<GoodPolicy>(holder.State);
    }

    [Fact]
    public void A_single_problem_stands_alone_in_the_refusal_and_is_capped()
    {
        _daemon = "{ \"content-trust\": { \"mode\": \"enforced\", \"" + new string('x', 10_000) + "\": 1 } }";

        var refusal = Assert.IsType<InvalidPolicy>(Make().State).Refusal;

        Assert.DoesNotContain("more)", refusal);
        Assert.InRange(refusal.Length, 100, 500);
    }

    [Theory]
    [InlineData("""{ "content-trust": { "mode": "on" } }""")]
    [InlineData("""{ "builder": { "content-tust": {} } }""")]
    [InlineData("""{ "content-trust": { "mode": """)]
    public void A_bad_policy_at_the_start_does_not_become_disabled_by_vanishing(string daemon)
    {
        _daemon = daemon;
        var holder = Make();
        _daemon = null;

        Assert.Equal(ReloadOutcome.StillInvalid, holder.Reload().Outcome);
        Assert.Contains("no policy any more", Assert.IsType<InvalidPolicy>(holder.State).Refusal);
    }

    [Fact]
    public void A_broken_daemon_json_without_a_policy_recovers_to_disabled()
    {
        _daemon = "{ \"debug\": tru }";
        var holder = Make();
        Assert.IsType<InvalidPolicy>(holder.State);
        _daemon = "{ \"debug\": true }";

        Assert.Equal(ReloadOutcome.Replaced, holder.Reload().Outcome);
    }

    [Fact]
    public async Task Readers_see_whole_policies_while_others_reload()
    {
        var turn = 0;
        var even = ReadStanza(Good);
        var odd = ReadStanza(Other);
        var holder = new PolicyHolder(() => Interlocked.Increment(ref turn) % 2 == 0 ? even : odd, _time);
        var writers = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                holder.Reload();
            }
        })).ToArray();

        while (!Task.WhenAll(writers).IsCompleted)
        {
            var policy = Assert.IsType<GoodPolicy>(holder.State).Policy;
            Assert.Contains(policy, new[] { even.Policy!, odd.Policy! });
            await Task.Yield();
        }

        Assert.Equal(4001, turn);
    }

    private PolicyHolder Make() => new(() => Read(_daemon, _file), _time);
}
