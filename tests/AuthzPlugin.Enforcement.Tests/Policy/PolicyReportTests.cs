using AuthzPlugin.Enforcement.Policy;
using static AuthzPlugin.Enforcement.Tests.Policy.PolicyTexts;

namespace AuthzPlugin.Enforcement.Tests.Policy;

public class PolicyReportTests
{
    [Fact]
    public void Problems_and_warnings_are_written_with_place_finding_legal_values_and_next_step() =>
        Assert.Equal(
            """
            1 problem
              /etc/docker/daemon.json: builder.content-trust.mode
                found: "enforcd"
                legal: "disabled", "permissive" or "enforced"
                next:  did you mean "enforced"

            2 warnings
              /etc/docker/daemon.json: builder.content-trust.allow-expired-trust-cache
                found: the old spelling "allow-expired-trust-cache"
                legal: "allow-expired-cached-trust-data"
                next:  rename it to "allow-expired-cached-trust-data"
              /etc/docker/daemon.json: builder.content-trust.trust-pinning
                found: no pin: no image is trusted
                legal: at least one pin
                next:  add one to root-keys

            the policy is invalid: nothing but reads would be allowed

            """,
            Write(ReadStanza("""{ "mode": "enforcd", "allow-expired-trust-cache": false }""")));

    [Fact]
    public void The_effective_policy_is_written_out()
    {
        var result = ReadWith("""
            "trust-servers": { "registry.example.com": "https://notary.example.com:4443" }
            """);

        Assert.Equal(
            $"""
            effective policy
              source                          /etc/docker/daemon.json: builder.content-trust
              fingerprint                     {result.Policy!.Fingerprint}
              mode                            enforced
              allow-expired-cached-trust-data false
              freshness                       10s
              max-stale                       72h
              deleted-grace                   1h
              start-check                     approval
              running                         report
              host-access                     refuse
              host-access-for                 none
              builds                          refuse
              plugins                         refuse
              swarm                           refuse
              imports                         allow
              container-changes               allow
              exceptions                      none
              pins
                root-keys registry.example.com/team/*: {KeyA}
              trust-servers
                registry.example.com: https://notary.example.com:4443

            """,
            Write(result));
    }

    [Fact]
    public void Without_a_policy_the_report_says_that_it_is_disabled()
    {
        var text = Write(Read((string?)null, null));

        Assert.Contains("every image can run", text);
        Assert.Matches("mode +disabled\n", text);
        Assert.Matches("source +none\n", text);
    }

    private static string Write(PolicyLoadResult result)
    {
        using var output = new StringWriter();
        PolicyReport.Write(output, result);
        return output.ToString();
    }
}
