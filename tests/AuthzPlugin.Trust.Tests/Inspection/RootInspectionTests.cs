using System.Text;
using System.Text.Json.Nodes;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Inspection;
using AuthzPlugin.Trust.Metadata;
using AuthzPlugin.Trust.Tests.Vectors;

namespace AuthzPlugin.Trust.Tests.Inspection;

/// <summary>Ids of real roots, as notary 0.7 and docker trust name them (vectors/notary-0.7/facts.txt).</summary>
public sealed class RootInspectionTests
{
    private static readonly byte[] Root = File.ReadAllBytes(VectorFiles.PathOf("notary-0.7/first/root.json"));

    [Fact]
    public void A_root_file_shows_the_ids_that_the_tools_show()
    {
        var facts = File.ReadAllText(VectorFiles.PathOf("notary-0.7/facts.txt"));
        var key = Assert.Single(RootInspection.OfRootFile(Root, MetadataLimits.Default));
        Assert.Contains(key.RootKeyId, facts, StringComparison.Ordinal);
        Assert.Equal(IdIn(Root), key.CertificateId);
        Assert.True(key.HasSigned);
        Assert.Equal("ecdsa", key.Algorithm);
    }

    [Fact]
    public void A_certificate_alone_shows_the_same_ids_whatever_stands_around_it()
    {
        var ofRoot = RootInspection.OfRootFile(Root, MetadataLimits.Default)[0];
        var pem = CertificateIn(Root);

        foreach (var text in new[] { pem, "subject=/CN=x\r\n" + pem.Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n\r\n" })
        {
            Assert.Equal(ofRoot with { HasSigned = null }, RootInspection.OfCertificates(Encoding.ASCII.GetBytes(text), MetadataLimits.Default));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")]
    public void What_is_no_certificate_is_refused(string text) =>
        Assert.Throws<FormatException>(() => RootInspection.OfCertificates(Encoding.ASCII.GetBytes(text), MetadataLimits.Default));

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"signed\":{},\"signatures\":[]}")]
    public void What_is_no_root_file_is_refused(string text) =>
        Assert.Throws<RepositoryException>(() => RootInspection.OfRootFile(Encoding.ASCII.GetBytes(text), MetadataLimits.Default));

    private static string CertificateIn(byte[] root)
    {
        var key = JsonNode.Parse(root)!["signed"]!["keys"]![IdIn(root)]!;
        return Encoding.ASCII.GetString(Convert.FromBase64String(key["keyval"]!["public"]!.GetValue<string>()));
    }

    // What docker trust inspect shows as root key.
    private static string IdIn(byte[] root) => JsonNode.Parse(root)!["signed"]!["roles"]!["root"]!["keyids"]![0]!.GetValue<string>();
}
