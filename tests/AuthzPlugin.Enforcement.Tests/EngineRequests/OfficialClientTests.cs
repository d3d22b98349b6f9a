namespace AuthzPlugin.Enforcement.Tests.EngineRequests;

/// <summary>
/// Requests as official clients send them, captured from docker CLI 28.2.2, docker-py 7.1.0 and curl against a socket that records;
/// those of docker CLI 20.10 differ from 28 in the Content-Type: text/plain of empty bodies.
/// </summary>
public sealed class OfficialClientTests
{
    private const string None = "Content-Length: 0";
    private const string Old = "Content-Length: 0|Content-Type: text/plain";
    private const string JsonNone = "Content-Length: 0|Content-Type: application/json";
    private const string Chunked = "Content-Type: text/plain";
    private const string Digest = "sha256:" + Asking.A64;

    public static TheoryData<string, string, string, string, string> Bodyless => new()
    {
        { "docker start", "POST", "/v1.50/containers/n1/start", None, "Start n1" },
        { "docker 20.10 start", "POST", "/v1.41/containers/n1/start", Old, "Start n1" },
        { "start with a JSON type", "POST", "/v1.41/containers/n1/start", JsonNone, "Start n1" },
        { "curl -X POST start", "POST", "/v1.43/containers/n1/start", "", "Start n1" },
        { "curl -d '' start", "POST", "/containers/n1/start", "Content-Length: 0|Content-Type: application/x-www-form-urlencoded", "Start n1" },
        { "docker start, unversioned", "POST", "/containers/n1/start", None, "Start n1" },
        { "docker-py restart", "POST", "/v1.43/containers/p1/restart?t=10", None, "Restart p1" },
        { "docker unpause", "POST", "/v1.50/containers/n1/unpause", None, "Unpause n1" },
        { "docker stop", "POST", "/v1.50/containers/n1/stop", None, "no image" },
        { "stop without a length", "POST", "/v1.41/containers/n1/stop?t=3", "", "no image" },
        { "wait without a length", "POST", "/v1.41/containers/n1/wait?condition=next-exit", Chunked, "no image" },
        { "kill without a length", "POST", "/v1.41/containers/n1/kill?signal=SIGTERM", Chunked, "no image" },
        { "resize without a length", "POST", "/v1.41/containers/n1/resize?h=1&w=2", Chunked, "no image" },
        { "docker pause", "POST", "/v1.50/containers/n1/pause", None, "no image" },
        { "docker rename", "POST", "/v1.50/containers/n1/rename?name=n2", None, "Rename n1 n2" },
        { "docker rm -f", "DELETE", "/v1.50/containers/n1?force=1", "", "Remove n1" },
        { "docker-py remove", "DELETE", "/v1.43/containers/p1?v=False&link=False&force=False", None, "Remove p1" },
        { "docker container prune", "POST", "/v1.50/containers/prune", None, "Prune" },
        { "docker pull alpine", "POST", "/v1.50/images/create?fromImage=docker.io%2Flibrary%2Falpine&tag=latest", None, "pull docker.io/library/alpine:latest" },
        { "docker 20.10 pull", "POST", "/v1.41/images/create?fromImage=alpine&tag=3", Old, "pull docker.io/library/alpine:3" },
        { "docker pull by digest", "POST", $"/v1.50/images/create?fromImage=alpine&tag=sha256%3A{Asking.A64}", None, $"pull docker.io/library/alpine@{Digest}" },
        { "docker pull -a", "POST", "/v1.50/images/create?fromImage=docker.io%2Flibrary%2Falpine", None, "refused all-tags" },
        { "docker-py pull", "POST", "/v1.43/images/create?tag=3&fromImage=alpine", None, "pull docker.io/library/alpine:3" },
        { "curl -X POST pull", "POST", "/images/create?fromImage=alpine&tag=3", "", "pull docker.io/library/alpine:3" },
        { "docker push", "POST", "/v1.50/images/localhost:5000/a/push?tag=1", None, "no image" },
        { "docker 20.10 push", "POST", "/v1.41/images/localhost:5000/a/push?tag=1", Old, "no image" },
        { "docker tag", "POST", "/v1.50/images/a/tag?repo=docker.io%2Flibrary%2Fb&tag=2", None, "no image" },
        { "docker-py tag by digest", "POST", $"/v1.43/images/alpine%40sha256:{Asking.A64}/tag?tag=2&repo=b&force=0", None, "no image" },
        { "docker rmi", "DELETE", "/v1.50/images/localhost:5000/a:3.20?platforms=a&platforms=b", "", "no image" },
        { "docker image prune", "POST", "/v1.50/images/prune?filters=%7B%22dangling%22%3A%7B%22true%22%3Atrue%7D%7D", None, "no image" },
        { "docker import FILE", "POST", "/v1.50/images/create?fromSrc=-&repo=a%3A1", Chunked, "no image" },
        { "docker import URL -c -c", "POST", "/v1.50/images/create?changes=ENV+A%3D1&changes=ENV+B%3D2&fromSrc=http%3A%2F%2Fh%2Fx.tar&repo=a%3A1", None, "no image" },
        { "docker-py import", "POST", "/v1.43/images/create?repo=r&fromSrc=-", "Content-Type: application/tar|Content-Length: 10240", "no image" },
        { "docker load", "POST", "/v1.50/images/load?quiet=1", "Content-Type: application/x-tar", "no image" },
        { "docker 20.10 load", "POST", "/v1.41/images/load?quiet=1", Chunked, "no image" },
        { "docker load --platform --platform", "POST", "/v1.52/images/load?quiet=1&platform=a&platform=b", "Content-Type: application/x-tar", "no image" },
        { "docker-py load", "POST", "/v1.43/images/load", "Content-Length: 20480", "no image" },
        { "octet-stream load", "POST", "/v1.43/images/load", "Content-Type: application/octet-stream", "no image" },
        { "docker commit", "POST", "/v1.50/commit?author=&changes=ENV+A%3D1&comment=hi&container=n1&repo=docker.io%2Flibrary%2Fa&tag=b", None, "no image" },
        { "docker cp", "PUT", "/v1.50/containers/n1/archive?noOverwriteDirNonDir=true&path=%2Ftmp", Chunked, "no image" },
        { "docker cp, x-tar", "PUT", "/v1.50/containers/n1/archive?path=%2Ftmp", "Content-Type: application/x-tar", "no image" },
        { "docker-py put_archive", "PUT", "/v1.43/containers/p1/archive?path=%2F", "Content-Length: 2", "no image" },
        { "docker network rm", "DELETE", "/v1.50/networks/my%20net", "", "no image" },
        { "docker volume rm", "DELETE", "/v1.50/volumes/v", "", "no image" },
        { "docker builder prune", "POST", "/v1.50/build/prune?filters=", None, "no image" },
        { "docker login", "POST", "/v1.50/auth", "Content-Type: application/json|Content-Length: 57", "no image" },
        { "docker login, unversioned", "POST", "/auth", "Content-Type: application/json|Content-Length: 57", "no image" },
        { "docker swarm leave", "POST", "/v1.50/swarm/leave", None, "no image" },
        { "docker plugin disable", "POST", "/v1.50/plugins/vieux/sshfs:latest/disable", None, "no image" },
        { "docker plugin rm", "DELETE", "/v1.50/plugins/vieux/sshfs:latest", "", "no image" },
        { "attach", "POST", "/v1.50/containers/n1/attach?stderr=1&stdin=1&stdout=1&stream=1", "Connection: Upgrade|Upgrade: tcp|Content-Length: 0", "no image" },
        { "docker build, classic", "POST", "/v1.50/build?t=a&t=b&version=1", "Content-Type: application/x-tar", "gate Builds" },
        { "docker-py build", "POST", "/v1.43/build?t=x&q=False", "Content-Type: application/tar|Content-Length: 10240", "gate Builds" },
        { "docker build, BuildKit session", "POST", "/v1.50/session", "Connection: Upgrade|Upgrade: h2c", "gate Builds" },
        { "docker build, BuildKit control", "POST", "/v1.50/grpc", "Connection: Upgrade|Upgrade: h2c", "gate Builds" },
        { "docker checkpoint rm", "DELETE", "/v1.50/containers/n1/checkpoints/c1", "", "no image" },
        { "docker ping", "HEAD", "/_ping", "", "read" },
    };

    public static TheoryData<string, string, string, string> WithJson => new()
    {
        { "docker create", "/v1.50/containers/create?name=n1", Bodies.DockerCli, $"create docker.io/library/alpine:3 + docker.io/library/alpine@{Digest}" },
        { "docker-py create", "/v1.43/containers/create?name=p1", Bodies.DockerPy, "create docker.io/library/alpine:3" },
        { "docker compose up", "/v1.51/containers/create?name=app-web-1", Bodies.Compose, "create localhost:5000/demo/app:1" },
        { "dockerode start with an empty object", "/v1.50/containers/n1/start", "{}", "Start n1" },
        { "docker-py push", "/v1.43/images/a/push?tag=1", "{}", "no image" },
        { "docker-py commit", "/v1.43/commit?container=p1&repo=r&tag=t&pause=True&changes=ENV+A%3D1&changes=ENV+B%3D2", "{}", "no image" },
        { "old commit of no configuration", "/v1.41/commit?container=p1&repo=r", "null\n", "no image" },
        { "dockerode pull", "/images/create?fromImage=alpine&tag=3", """{"fromImage":"alpine","tag":"3"}""", "pull docker.io/library/alpine:3" },
        { "docker update --restart always", "/v1.50/containers/n1/update", Bodies.Update("always"), "restart policy n1" },
        { "docker update -m", "/v1.50/containers/n1/update", Bodies.Update(""), "no image" },
        { "docker update --restart no", "/v1.50/containers/n1/update", Bodies.Update("no"), "no image" },
        { "docker-py update", "/v1.43/containers/p1/update", """{"Memory": 10485760, "RestartPolicy": {"Name": "always"}}""", "restart policy p1" },
        { "docker exec", "/v1.50/containers/n1/exec", """{"User":"","Privileged":false,"Cmd":["ls"]}""", "no image" },
        { "docker exec, start", "/v1.50/exec/e1/start", """{"Detach":false,"Tty":false}""", "no image" },
        { "docker network create", "/v1.50/networks/create", """{"Driver":"bridge","Name":"my net"}""", "no image" },
        { "docker network connect", "/v1.50/networks/my%20net/connect", """{"Container":"b"}""", "no image" },
        { "docker volume create", "/v1.50/volumes/create", """{"Driver":"local","Name":"v"}""", "no image" },
        { "docker secret create", "/v1.50/secrets/create", """{"Name":"s","Labels":{},"Data":"aGkK"}""", "no image" },
        { "docker checkpoint create", "/v1.50/containers/n1/checkpoints", """{"CheckpointID":"c1","CheckpointDir":"","Exit":true}""", "no image" },
        { "docker swarm init", "/v1.50/swarm/init", """{"ListenAddr":"0.0.0.0:2377"}""", "gate Swarm" },
        { "docker swarm join", "/v1.50/swarm/join", """{"RemoteAddrs":["h:2377"],"JoinToken":"x"}""", "gate Swarm" },
        { "docker service create", "/v1.50/services/create", """{"TaskTemplate":{"ContainerSpec":{"Image":"alpine"}}}""", "gate Services" },
        { "docker plugin install", "/v1.50/plugins/pull?name=&remote=docker.io%2Fvieux%2Fsshfs", "[]", "gate Plugins" },
        { "docker plugin set", "/v1.50/plugins/a/set", """["X=1"]""", "gate Plugins" },
    };

    [Theory]
    [MemberData(nameof(Bodyless))]
    public void Requests_without_a_visible_body_are_read(string name, string method, string uri, string headers, string expected) =>
        Assert.Equal((name, expected), (name, Asking.Describe(Asking.Read(method, uri, headers))));

    [Theory]
    [MemberData(nameof(WithJson))]
    public void Requests_with_a_JSON_body_are_read(string name, string uri, string body, string expected) =>
        Assert.Equal((name, expected), (name, Asking.Describe(Asking.Json("POST", uri, body))));
}
