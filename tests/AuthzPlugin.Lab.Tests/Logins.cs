using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

[Collection(LabFixture.Collection)]
public sealed class Logins(LabFixture lab)
{
    [Fact]
    public Task A_registry_with_login_is_undecided_with_the_hint_and_trusted_once_the_credentials_file_has_the_login() => lab.TestAsync(async () =>
    {
        var image = await lab.SignedAsync($"{lab.LoginRegistry}/lab/private", "1");
        await lab.ForgetAsync(image);

        (await lab.DockerAsync("pull", image.Reference)).ShouldBeRefused(
            $"the registry of {image.Reference} asks for a login and the plugin has none (users' logins are not visible to plugins)",
            $"; add one for {lab.LoginRegistry} to {lab.Plugin.Credentials}");
        var pull = lab.Plugin.Audit().ShouldHaveOne("the pull", r => r.Answer == "deny");
        Assert.Equal(("undecided", "login-needed"), (pull.Outcome, pull.Reason));

        File.Copy(lab.Env["LAB_CREDENTIALS"], lab.Plugin.Credentials);
        try
        {
            (await lab.DockerAsync("pull", image.Reference)).ShouldSucceed(image.Digest);
            (await lab.RunAsync(image.Reference)).ShouldSucceed(image.Text);
        }
        finally
        {
            File.Delete(lab.Plugin.Credentials);
        }
    });

    [Fact]
    public Task Docker_login_works() => lab.TestAsync(async () =>
    {
        var config = Path.Combine(lab.Root, "login");
        (await lab.DockerAsync("--config", config, "login", "--username", lab.Env["LAB_LOGIN_USER"], "--password", lab.Env["LAB_LOGIN_PASSWORD"], lab.LoginRegistry))
            .ShouldSucceed("Login Succeeded");
        var wrong = await lab.DockerAsync("--config", config, "login", "--username", "alice", "--password", "wrong", lab.LoginRegistry);
        Assert.False(wrong.Succeeded, wrong.ToString());
        wrong.ShouldSay("401 Unauthorized");
    });
}
