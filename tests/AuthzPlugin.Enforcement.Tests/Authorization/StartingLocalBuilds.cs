using AuthzPlugin.Enforcement.Authorization;
using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Enforcement.LocalBuilds;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Testing.Engine;
using AuthzPlugin.Trust.Errors;
using Microsoft.Extensions.Logging.Abstractions;
using static AuthzPlugin.Enforcement.Tests.Authorization.AuthorizationBench;

namespace AuthzPlugin.Enforcement.Tests.Authorization;

/// <summary>Images that the gate saw built, and what admits them.</summary>
public sealed class StartingLocalBuilds : IDisposable
{
    private const string Name = "myapp:1";

    private readonly AuthorizationBench _bench = new();
    private readonly SimulatedImage _built;

    public StartingLocalBuilds()
    {
        _bench.PullSigned("1", 'd', '1');
        _bench.Policy = _bench.Policy with { Builds = PolicyAnswer.Gate, LocalBuilds = PolicyAnswer.Allow };
        _built = _bench.Build(Name, '6');
    }

    [Theory]
    [InlineData("by name", Name)]
    [InlineData("by full id", "sha256:6666666666666666666666666666666666666666666666666666666666666666")]
    [InlineData("by short id", "666666666666")]
    public async Task A_build_from_signed_images_is_created_and_started_and_its_bases_are_recorded(string row, string image)
    {
        await RememberAsync();
        var container = new SimulatedContainer { Id = new string('c', 64), Name = "web", ImageId = _built.Id };
        var (asked, created) = await _bench.CreateAsync(image, container);
        Assert.True(asked.Allow && created!.Allow, $"{row}: {asked.Message}");
        Assert.Equal("local-build", _bench.LastReason());
        Assert.Equal(0, _bench.Approvals.Count);

        Assert.True((await _bench.AskAsync(Start(container.Id))).Allow);
        var record = _bench.Records()[^1];
        Assert.Equal("local-build", record.GetProperty("reason").GetString());
        Assert.Equal([$"{Repository}:1@{DigestOf('d')}"], record.GetProperty("bases").EnumerateArray().Select(b => b.GetString()!));
    }

    [Fact]
    public async Task Without_the_policys_word_it_stays_refused()
    {
        await RememberAsync();
        _bench.Policy = _bench.Policy with { LocalBuilds = PolicyAnswer.Refuse };
        Assert.False((await _bench.AskAsync(Create(Name))).Allow);
        Assert.False((await _bench.AskAsync(Create(_built.Id))).Allow);
    }

    [Fact]
    public async Task A_base_that_is_trusted_no_more_takes_the_build_with_it()
    {
        await RememberAsync();
        var container = _bench.Container('c', "web", _built.Id, Name);
        Assert.True((await _bench.AskAsync(Start("web"))).Allow);
        _bench.Trust[Repository].Tags["1"] = DigestOf('e');

        foreach (var request in new[] { Start(container.Id), Create(Name), Create(_built.Id) })
        {
            var answer = await _bench.AskAsync(request);
            Assert.False(answer.Allow);
            Assert.Contains($"was built here from {Repository}:1@{DigestOf('d')}, which is not trusted now", answer.Message, StringComparison.Ordinal);
            Assert.EndsWith("; build it again from a signed image", answer.Message, StringComparison.Ordinal);
            Assert.Equal("not-signed", _bench.LastReason());
        }
    }

    [Fact]
    public async Task A_base_that_is_pinned_no_more_takes_the_build_with_it()
    {
        await RememberAsync();
        _bench.Policy = _bench.Policy with { Pins = Pins("registry.example.com/else/*", RootKey) };
        Assert.False((await _bench.AskAsync(Create(Name))).Allow);
        Assert.Equal("not-pinned", _bench.LastReason());
    }

    [Fact]
    public async Task While_its_base_cannot_be_decided_it_does_not_start()
    {
        await RememberAsync();
        _bench.Trust[Repository].Error = new TransportException(TransportFault.Unreachable, "it does not answer");
        Assert.False((await _bench.AskAsync(Create(Name))).Allow);
        Assert.Equal("trust-server-unreachable", _bench.LastReason());
    }

    [Fact]
    public async Task A_signed_name_keeps_meaning_the_signed_content()
    {
        _bench.Engine.Tags[Repository + ":1"] = _built.Id;
        await RememberAsync();
        Assert.False((await _bench.AskAsync(Create(Repository + ":1"))).Allow);
        Assert.Equal("local-image-unknown", _bench.LastReason());
    }

    [Fact]
    public async Task What_the_engine_creates_from_another_image_is_taken_away()
    {
        await RememberAsync();
        var container = new SimulatedContainer { Id = new string('e', 64), Name = "evil", ImageId = _bench.Build("evil:1", '7').Id };
        var (asked, created) = await _bench.CreateAsync(Name, container);
        Assert.True(asked.Allow);
        Assert.False(created!.Allow);
        Assert.Equal("swapped", _bench.LastReason());
        Assert.DoesNotContain(container.Id, _bench.Engine.Containers.Keys);
    }

    [Fact]
    public async Task On_an_engine_that_resolves_a_tag_twice_its_id_is_to_be_named()
    {
        _bench.Engine.Containerd = true;
        _bench.Engine.Version = "26.1.5";
        await RememberAsync();
        var answer = await _bench.AskAsync(Create(Name));
        Assert.False(answer.Allow);
        Assert.Contains($"use {_built.Id}", answer.Message, StringComparison.Ordinal);
        Assert.True((await _bench.AskAsync(Create(_built.Id))).Allow);
    }

    [Fact]
    public async Task It_has_no_image_mounts_and_is_none()
    {
        await RememberAsync();
        var mounts = $$$"""{"Image":"{{{Name}}}","HostConfig":{"Mounts":[{"Type":"image","Source":"{{{Repository}}}@{{{DigestOf('d')}}}","Target":"/x"}]}}""";
        Assert.Contains("image mounts", (await _bench.AskAsync(Post("/v1.48/containers/create", mounts))).Message, StringComparison.Ordinal);
        var mounted = $$$"""{"Image":"{{{Repository}}}:1","HostConfig":{"Mounts":[{"Type":"image","Source":"{{{_built.Id}}}","Target":"/x"}]}}""";
        Assert.Contains("image mounts", (await _bench.AskAsync(Post("/v1.48/containers/create", mounted))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_builds_with_trusted_bases_are_remembered_and_only_when_the_policy_admits_them()
    {
        var signed = await _bench.Service.BaseImages.DecideAsync(Repository + ":1", _bench.Policy, CancellationToken.None);
        var unsigned = await _bench.Service.BaseImages.DecideAsync(Repository + ":9", _bench.Policy, CancellationToken.None);
        await RememberAsync([]);
        await RememberAsync([signed, unsigned]);
        await RememberAsync([signed with { Reason = ReasonCode.AllowedByPolicy }]);
        await RememberAsync([signed], _bench.Policy with { LocalBuilds = PolicyAnswer.Refuse });
        await RememberAsync([signed], _bench.Policy with { BreakGlass = true });
        Assert.Equal(0, _bench.Builds.Count);
        await RememberAsync([signed, signed]);
        Assert.Single(_bench.Builds.Find(DigestOf('6'))!.Bases);
    }

    [Fact]
    public async Task The_store_survives_is_private_and_forgets_the_oldest()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            await RememberAsync();
            var build = _bench.Builds.Find(DigestOf('6'))!;
            var store = new LocalBuildStore(folder.FullName, 2, NullLogger<LocalBuildStore>.Instance);
            foreach (var id in "789")
            {
                store.Add(DigestOf(id), build with { ImageId = DigestOf(id).ToString(), BuiltAt = build.BuiltAt.AddSeconds(id) });
            }

            store = new LocalBuildStore(folder.FullName, 2, NullLogger<LocalBuildStore>.Instance);
            Assert.Null(store.Find(DigestOf('7')));
            Assert.Equal(build.Bases[0].ToString(), store.Find(DigestOf('9'))!.Bases[0].ToString());
            var file = Path.Combine(folder.FullName, "builds", $"{DigestOf('9').Hex}.json");
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

            File.Move(file, Path.Combine(folder.FullName, "builds", $"{DigestOf('a').Hex}.json"));
            Assert.Null(new LocalBuildStore(folder.FullName, 2, NullLogger<LocalBuildStore>.Instance).Find(DigestOf('a')));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public void Dispose() => _bench.Dispose();

    private async Task RememberAsync() =>
        await RememberAsync([await _bench.Service.BaseImages.DecideAsync(Repository + ":1", _bench.Policy, CancellationToken.None)]);

    private Task RememberAsync(IReadOnlyCollection<Decision> bases, TrustPolicy? policy = null) => _bench.Service.Builds.RememberAsync(
        DigestOf('6'), bases, new CallerIdentity(1000, 1000, 1, "somebody"), policy ?? _bench.Policy, CancellationToken.None);
}
