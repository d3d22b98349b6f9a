using AuthzPlugin.Lab.Tests.Support;

namespace AuthzPlugin.Lab.Tests;

/// <summary>The docker command line tool through the gate: streams of every kind, and errors as the engine says them.</summary>
[Collection(LabFixture.Collection)]
public sealed class GateCommands(LabFixture lab)
{
    [Fact]
    public Task Standard_input_that_ends_reaches_run_exec_and_attach() => lab.TestAsync(async () =>
    {
        var gate = await LabGate.OpenAsync(lab);
        var image = (await lab.SignedAsync("gate1", "1")).Reference;
        (await gate.ShellAsync($"printf x | docker run --rm -i --network none {image} cat")).ShouldSucceed();
        Assert.Equal("x", (await gate.ShellAsync($"printf x | docker run --rm -i --network none {image} cat")).Output);
        Assert.Equal("x\n", (await gate.ShellAsync($"printf x | docker run --rm -i --network none {image} sh -c 'cat; sleep 1; echo'")).Output);

        (await gate.DockerAsync("run", "-d", "--name", "gate1", "--network", "none", image, "sleep", "100")).ShouldSucceed();
        Assert.Equal("abc", (await gate.ShellAsync("printf abc | docker exec -i gate1 cat")).Output);
        Assert.Equal((7, "out\n", "err\n"), Parts(await gate.DockerAsync("exec", "gate1", "sh", "-c", "echo out; echo err >&2; exit 7")));
        Assert.Contains("/dev/pts/", (await gate.ShellAsync("script -qec 'docker exec -it gate1 tty' /dev/null </dev/null")).Output, StringComparison.Ordinal);

        (await gate.DockerAsync("create", "-i", "--name", "gate2", "--network", "none", image, "cat")).ShouldSucceed();
        Assert.Equal("late", (await gate.ShellAsync("printf late | docker start -ai gate2")).Output);

        // Where the input does not end the container, the engine drops the output with it: what was written must come back before.
        (await gate.DockerAsync("run", "-d", "-i", "--name", "gate3", "--network", "none", image, "cat")).ShouldSucceed();
        Assert.Equal("line\n", (await gate.ShellAsync("(echo line; sleep 2) | timeout 20 docker attach --sig-proxy=false gate3")).Output);
    });

    [Fact]
    public Task Megabytes_pass_an_exec_unchanged_in_both_directions() => lab.TestAsync(async () =>
    {
        var gate = await LabGate.OpenAsync(lab);
        var image = (await lab.SignedAsync("gate2", "1")).Reference;
        (await gate.DockerAsync("run", "-d", "--name", "gate4", "--network", "none", image, "sleep", "100")).ShouldSucceed();

        (await gate.ShellAsync(
            $"head -c 20000000 /dev/urandom > {lab.Root}/random && docker exec -i gate4 cat < {lab.Root}/random | cmp - {lab.Root}/random")).ShouldSucceed();
    });

    [Fact]
    public Task Logs_and_events_come_as_they_happen() => lab.TestAsync(async () =>
    {
        var gate = await LabGate.OpenAsync(lab);
        var image = (await lab.SignedAsync("gate3", "1")).Reference;
        (await gate.DockerAsync("run", "-d", "--name", "gate5", "--network", "none", image, "sh", "-c", "for i in 1 2 3; do echo line $i; sleep 1; done"))
            .ShouldSucceed();

        // Each line has the second in which it came.
        var logs = await gate.ShellAsync("docker logs -f gate5 | while read -r l; do echo \"$l $(date +%s)\"; done | awk '{print $2}; END {print (last - first)} {last=$3} NR==1 {first=$3}'");
        Assert.StartsWith("1\n2\n3\n", logs.Output, StringComparison.Ordinal);
        Assert.NotEqual("0", logs.Output.TrimEnd().Split('\n')[^1]);

        var events = await gate.ShellAsync(
            "timeout 4 docker events --filter container=gate5 --format '{{.Action}}' > events.txt & sleep 1; docker restart -t 0 gate5 >/dev/null; wait; cat events.txt; rm events.txt");
        events.ShouldSay("start\n", "restart\n");
    });

    [Fact]
    public Task Copies_commits_saves_and_loads_pass() => lab.TestAsync(async () =>
    {
        var gate = await LabGate.OpenAsync(lab);
        var image = (await lab.SignedAsync("gate4", "1")).Reference;
        var file = Path.Combine(lab.Root, "copied");
        await File.WriteAllTextAsync(file, "content");
        (await gate.DockerAsync("run", "-d", "--name", "gate6", "--network", "none", image, "sleep", "100")).ShouldSucceed();
        (await gate.DockerAsync("cp", file, "gate6:/copied")).ShouldSucceed();
        Assert.Equal("content", (await gate.ShellAsync("docker cp gate6:/copied - | tar xO")).Output);
        (await gate.DockerAsync("commit", "gate6", "gate-commit:1")).ShouldSucceed();
        (await gate.ShellAsync("docker save gate-commit:1 > saved.tar && docker rmi gate-commit:1 && docker load < saved.tar && docker export gate6 | tar t >/dev/null; rm saved.tar"))
            .ShouldSucceed("Loaded image: gate-commit:1");
        (await gate.DockerAsync("rmi", "gate-commit:1")).ShouldSucceed();
    });

    [Fact]
    public Task Answers_errors_and_versions_are_the_engines_own() => lab.TestAsync(async () =>
    {
        // The engine lists in any order what was made in the same second, and volumes always: there is one image, and nothing else is listed.
        (await lab.DockerAsync("image", "prune", "--all", "--force")).ShouldSucceed();
        await lab.LocalAsync("gate-answers", "1");
        var gate = await LabGate.OpenAsync(lab);
        using var through = gate.Api();
        (string Method, string Path)[] requests =
        [
            ("GET", "/_ping"), ("HEAD", "/_ping"), ("GET", "/version"), ("GET", "/v1.24/version"), ("GET", "/v1.41/version"), ("GET", "/v9.99/version"),
            ("GET", "/v1.11/version"), ("GET", "/nosuch"), ("GET", "/v1.41//images/json"), ("GET", "/images/json?all=1"), ("GET", "/images/nosuch/json"),
            ("GET", "/containers/nosuch/json"), ("POST", "/containers/nosuch/stop"), ("DELETE", "/containers/nosuch"), ("GET", "/networks/none"),
            ("POST", "/nosuch"), ("PUT", "/containers/create"), ("OPTIONS", "/anything"), ("GET", "/containers/json?filters=bad"), ("GET", "/volumes/nosuch"),
        ];
        foreach (var (method, path) in requests)
        {
            var direct = await AskAsync(lab.Env["LAB_ENGINE_SOCKET"], method, path);
            Assert.Equal(direct, await AskAsync(gate.Socket, method, path));
        }
    });

    [Fact]
    public Task Builds_are_refused_past_the_gate_while_builds_go_through_it_only() => lab.TestAsync(async () =>
    {
        await lab.WithPolicyAsync(p => p["builds"] = "gate");
        foreach (var path in new[] { "/build?version=1", "/session", "/v1.41/grpc" })
        {
            (await lab.Engine.PostAsync(path)).ShouldBeRefused("builds are allowed through the content-trust gate only");
        }
    });

    private static (int, string, string) Parts(CommandResult result) => (result.ExitCode, result.Output, result.Errors);

    /// <summary>The whole answer as it is on the wire, without its date.</summary>
    private static async Task<string> AskAsync(string socket, string method, string path)
    {
        using var connection = await LabGate.ConnectAsync(socket);
        await connection.SendAsync(System.Text.Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: docker\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        await using var stream = new System.Net.Sockets.NetworkStream(connection);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20));
        return System.Text.RegularExpressions.Regex.Replace(answer, "(?m)^Date: .*$", "Date");
    }
}
