using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.EngineRequests;

namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

/// <summary>Start, rename, update and checkpoints (engine-authz.md section 3, rows 15–21).</summary>
public sealed class ContainerRequestTests
{
    [Theory]
    [InlineData("/containers/a/start?checkpoint=c")]
    [InlineData("/containers/a/start?checkpoint-dir=/x")]
    [InlineData("/containers/a/start?%63heckpoint=c")]
    [InlineData("/v1.23/containers/a/start?checkpoint=c&checkpoint-dir=/x")]
    public void A_start_from_a_checkpoint_is_refused(string uri)
    {
        var refused = Assert.IsType<RefusedRequest>(Asking.Read("POST", uri));

        Assert.Equal(ReasonCode.RefusedByPolicy, refused.Reason);
        Assert.Equal("container a would be restored from a checkpoint, whose content nobody signed; start it without --checkpoint", refused.Message);
    }

    [Theory]
    [InlineData("{}", "Start a")]
    [InlineData("null", "Start a")]
    [InlineData("""{"a":1}""", "Start a")]
    [InlineData("""{"Binds":["/:/x"]}""", "refused hidden-or-ambiguous")]
    [InlineData("        ", "refused hidden-or-ambiguous")]
    public void A_start_has_no_body_that_an_old_engine_would_read(string body, string expected) =>
        Assert.Equal(expected, Asking.Describe(Asking.Json("POST", "/v1.23/containers/a/start", body)));

    [Theory]
    [InlineData("/containers/a/rename?name=b", "Rename a b")]
    [InlineData("/containers/a/rename?name=%2Fb", "Rename a /b")]
    [InlineData("/containers/a/rename?name=b+c", "Rename a b c")]
    [InlineData("/containers/a/rename", "refused hidden-or-ambiguous")]
    [InlineData("/containers/a/rename?name=", "refused hidden-or-ambiguous")]
    [InlineData("/containers/a/rename?name=b&name=c", "refused hidden-or-ambiguous")]
    public void A_rename_says_both_names(string uri, string expected) =>
        Assert.Equal(expected, Asking.Describe(Asking.Read("POST", uri)));

    [Theory]
    [InlineData("""{}""", "no image")]
    [InlineData("""{"RestartPolicy":null}""", "no image")]
    [InlineData("""{"RestartPolicy":{}}""", "no image")]
    [InlineData("""{"RestartPolicy":{"Name":null}}""", "no image")]
    [InlineData("""{"RestartPolicy":{"Name":"no"}}""", "no image")]
    [InlineData("""{"RestartPolicy":{"Name":"unless-stopped"}}""", "restart policy a")]
    [InlineData("""{"RestartPolicy":{"Name":"on-failure","MaximumRetryCount":1}}""", "restart policy a")]
    [InlineData("""{"RestartPolicy":{"Name":"NO"}}""", "restart policy a")]
    [InlineData("""{"RestartPolicy":{"Name":"no","name":"always"}}""", "refused hidden-or-ambiguous")]
    [InlineData("""{"RestartPolicy":{"Name":"no"},"restartpolicy":{"Name":"always"}}""", "refused hidden-or-ambiguous")]
    [InlineData("""{"re\u017ftartPolicy":{"Name":"always"}}""", "refused hidden-or-ambiguous")]
    [InlineData("""{"RestartPolicy":"always"}""", "refused hidden-or-ambiguous")]
    [InlineData("""{"RestartPolicy":{"Name":1}}""", "refused hidden-or-ambiguous")]
    [InlineData("[]", "refused hidden-or-ambiguous")]
    public void An_update_matters_when_it_sets_a_restart_policy(string body, string expected) =>
        Assert.Equal(expected, Asking.Describe(Asking.Json("POST", "/v1.41/containers/a/update", body)));

    [Theory]
    [InlineData("""{"CheckpointID":"c"}""", "no image")]
    [InlineData("""{"CheckpointID":"c","CheckpointDir":null}""", "no image")]
    [InlineData("""{"CheckpointID":"content-trust","CheckpointDir":"/etc"}""", "refused refused-by-policy")]
    [InlineData("""{"CheckpointID":"c","CheckpointDir":"","checkpointdir":"/etc"}""", "refused hidden-or-ambiguous")]
    [InlineData("""{"CheckpointID":"c","CheckpointDir":1}""", "refused hidden-or-ambiguous")]
    public void A_checkpoint_goes_to_no_directory_of_the_host(string body, string expected) =>
        Assert.Equal(expected, Asking.Describe(Asking.Json("POST", "/containers/a/checkpoints", body)));

    [Theory]
    [InlineData("/containers/a/checkpoints/c", "no image")]
    [InlineData("/containers/a/checkpoints/c?dir=", "no image")]
    [InlineData("/containers/a/checkpoints/content-trust?dir=/etc", "refused refused-by-policy")]
    [InlineData("/containers/a/checkpoints/content-trust?%64ir=/etc", "refused refused-by-policy")]
    [InlineData("/containers/a/checkpoints/c?dir=&dir=/etc", "refused hidden-or-ambiguous")]
    [InlineData("/containers/a/checkpoints/%2e%2e?dir=", "refused hidden-or-ambiguous")]
    [InlineData("/containers/a/b/checkpoints/c", "Remove a/b/checkpoints/c")]
    public void Removing_a_checkpoint_removes_no_directory_of_the_host(string uri, string expected) =>
        Assert.Equal(expected, Asking.Describe(Asking.Read("DELETE", uri, "")));
}
