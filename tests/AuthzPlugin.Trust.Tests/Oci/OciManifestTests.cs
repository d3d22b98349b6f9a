using System.Text;
using AuthzPlugin.Trust.Oci;

namespace AuthzPlugin.Trust.Tests.Oci;

public class OciManifestTests
{
    private static readonly string Digest = "sha256:" + new string('a', 64);

    [Fact]
    public void A_manifest_has_its_own_type_its_subject_and_its_layers()
    {
        var manifest = Read($$"""
            {"schemaVersion":2,"artifactType":"a/b","config":{"mediaType":"c/d","digest":"{{Digest}}","size":2},
             "layers":[{"mediaType":"l/1","digest":"{{Digest}}","size":3,"annotations":{"k":"v"} },{"digest":"sha512:abc","size":1} ],
             "subject":{"mediaType":"s","digest":"{{Digest}}","size":1} }
            """);
        Assert.Equal(("a/b", Digest), (manifest.ArtifactType, manifest.Subject!.ToString()));
        var layer = Assert.Single(manifest.Layers);
        Assert.Equal(("l/1", Digest, 3L, "v"), (layer.MediaType, layer.Digest.ToString(), layer.Size, layer.Annotations["k"]));
        Assert.Empty(manifest.Manifests);
    }

    [Fact]
    public void Without_an_artifact_type_the_media_type_of_the_configuration_is_it() =>
        Assert.Equal("c/d", Read("""{"schemaVersion":2,"config":{"mediaType":"c/d"}}""").ArtifactType);

    [Fact]
    public void An_index_lists_manifests() =>
        Assert.Equal("t", Assert.Single(Read($$"""{"schemaVersion":2,"manifests":[{"digest":"{{Digest}}","size":1,"artifactType":"t"}]}""").Manifests).ArtifactType);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"schemaVersion":1}""")]
    [InlineData("""{"schemaVersion":2,"layers":{}}""")]
    [InlineData("""{"schemaVersion":2,"layers":[{"size":1}]}""")]
    [InlineData("""{"schemaVersion":2,"layers":[1]}""")]
    [InlineData("""{"schemaVersion":2,"schemaVersion":2}""")]
    public void Anything_else_is_none(string text) => Assert.Throws<FormatException>(() => Read(text));

    private static OciManifest Read(string text) => OciManifest.Read(Encoding.UTF8.GetBytes(text));
}
