using AuthzPlugin.Commands;

namespace AuthzPlugin.Tests.Commands;

public sealed class DockerWordsTests
{
    [Theory]
    [InlineData("docker pull alpine", "/v1.41/images/create?fromImage=alpine&tag=latest", null)]
    [InlineData("pull registry.example.com:5000/a:1", "/v1.41/images/create?fromImage=registry.example.com%3A5000%2Fa&tag=1", null)]
    [InlineData("pull a@sha256:00", "/v1.41/images/create?fromImage=a&tag=sha256%3A00", null)]
    [InlineData("docker run --rm -it alpine sh -c x", "/v1.41/containers/create", """{"Image":"alpine","HostConfig":{}}""")]
    [InlineData("create -v /a:/b -v /c:/d --privileged --pid host --cap-add SYS_ADMIN a", "/v1.41/containers/create", """{"Image":"a","HostConfig":{"Binds":["/a:/b","/c:/d"],"Privileged":true,"PidMode":"host","CapAdd":["SYS_ADMIN"]}}""")]
    [InlineData("start web", "/v1.41/containers/web/start", null)]
    [InlineData("unpause a/b", "/v1.41/containers/a%2Fb/unpause", null)]
    [InlineData("docker build .", "/v1.41/build?version=1", null)]
    [InlineData("load -i x", "/v1.41/images/load?quiet=1", null)]
    public void Words_of_the_command_line_become_its_request(string words, string uri, string? body)
    {
        var question = DockerWords.Read(words.Split(' '));
        Assert.Equal(("POST", uri, body), (question!.Method, question.Uri, question.Body));
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("docker frobnicate")]
    [InlineData("docker pull")]
    [InlineData("docker run")]
    [InlineData("docker run --network host alpine")]
    [InlineData("docker run -v")]
    public void Words_that_are_not_understood_are_not_guessed_at(string words) => Assert.Null(DockerWords.Read(words.Split(' ')));
}
