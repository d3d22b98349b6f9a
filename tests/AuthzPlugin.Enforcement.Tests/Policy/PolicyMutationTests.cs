using System.Text;
using AuthzPlugin.Enforcement.Policy;
using FsCheck;
using FsCheck.Fluent;

namespace AuthzPlugin.Enforcement.Tests.Policy;

/// <summary>Whatever happens to a good policy's bytes, nothing is thrown and nothing is disabled.</summary>
public class PolicyMutationTests
{
    private static readonly byte[] Stanza = Encoding.UTF8.GetBytes(PolicyTexts.Good);

    private static readonly byte[] Daemon = Encoding.UTF8.GetBytes(
        $$"""{ "authorization-plugins": ["content-trust"], "builder": { "gc": {}, "content-trust": {{PolicyTexts.Good}} } }""");

    [Fact]
    public void No_single_byte_of_daemon_json_disables_enforcement_when_it_is_changed_doubled_or_lost()
    {
        for (var at = 0; at < Daemon.Length; at++)
        {
            AssertNotDisabled([.. Daemon[..at], .. Daemon[(at + 1)..]]);
            foreach (var b in "\0 \"\\/{}[]:,-_.*09aAstx~\u007f\u0080\u00ff".Select(c => (byte)c))
            {
                AssertNotDisabled([.. Daemon[..at], b, .. Daemon[(at + 1)..]]);
                AssertNotDisabled([.. Daemon[..at], b, .. Daemon[at..]]);
            }
        }
    }

    [Fact]
    public void No_truncation_of_daemon_json_but_an_empty_file_disables_enforcement()
    {
        for (var length = 1; length < Daemon.Length; length++)
        {
            AssertNotDisabled(Daemon[..length]);
        }
    }

    [Fact]
    public void Random_edits_of_a_policy_file_never_throw_and_never_disable()
    {
        var edits = Gen.ArrayOf(Gen.Choose(0, int.MaxValue).Zip(Gen.Choose(0, 1023)));

        Prop.ForAll(edits.ToArbitrary(), list =>
        {
            var result = PolicyTexts.Read(null, list.Aggregate(Stanza, (bytes, edit) => Edit(bytes, edit.Item1, edit.Item2)));
            return result.Policy is not { Mode: EnforcementMode.Disabled } && (result.Policy is null) == (result.Problems.Count > 0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void Random_damage_to_the_mode_alone_is_always_a_problem()
    {
        var words = ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => s.Get).Where(s => s is not ("disabled" or "permissive" or "enforced"));

        Prop.ForAll(words.ToArbitrary(), word =>
        {
            var value = System.Text.Json.JsonEncodedText.Encode(word);
            return PolicyTexts.ReadStanza($$"""{ "mode": "{{value}}" }""").Policy is null;
        }).QuickCheckThrowOnFailure();
    }

    private static byte[] Edit(byte[] bytes, int where, int what)
    {
        var at = where % (bytes.Length + 1);
        var value = (byte)(what & 0xff);
        return (what >> 8) switch
        {
            0 => [.. bytes[..at], value, .. bytes[at..]],
            1 => [.. bytes[..at], .. bytes[Math.Min(at + 1, bytes.Length)..]],
            2 => [.. bytes[..at], value, .. bytes[Math.Min(at + 1, bytes.Length)..]],
            _ => [.. bytes[..at], .. bytes[Math.Max(0, at - 64)..at], .. bytes[at..]],
        };
    }

    private static void AssertNotDisabled(byte[] daemon)
    {
        var result = PolicyTexts.Read(daemon, null);
        Assert.False(result.Policy is { Mode: EnforcementMode.Disabled }, Encoding.Latin1.GetString(daemon));
    }
}
