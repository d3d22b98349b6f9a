using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Notation;
using AuthzPlugin.Trust.Notation.Revocation;
using static AuthzPlugin.Trust.Tests.Notation.NotationFixture;

namespace AuthzPlugin.Trust.Tests.Notation.Revocation;

/// <summary>Which places of a certificate can be asked for its revocation.</summary>
public class RevocationPlacesTests
{
    private static readonly TestCertificate Root = TestCertificate.Make(CertificateShape.Authority());

    [Fact]
    public void Responders_and_lists_stand_in_the_order_of_the_certificate()
    {
        var question = Ask(new CertificateShape { Responders = ["http://a.example.com/x?y=z", "https://b.example.com:8443/"], RevocationUri = "http://c.example.com/l.crl" });
        Assert.Equal(["http://a.example.com/x?y=z", "https://b.example.com:8443/"], question.Responders.Select(u => u.AbsoluteUri));
        Assert.Equal(["http://c.example.com/l.crl"], question.ListPlaces.Select(u => u.AbsoluteUri));
    }

    [Theory]
    [InlineData("ldap://ldap.example.com/cn=x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://user:secret@ocsp.example.com/")]
    [InlineData("http://ocsp.example.com/#part")]
    [InlineData("http:///x")]
    [InlineData("ocsp.example.com")]
    public void Other_places_are_none(string place)
    {
        var question = Ask(new CertificateShape { Responders = [place], RevocationUri = place });
        Assert.Empty(question.Responders.Concat(question.ListPlaces));
        Assert.True(question.Certificate.Extensions.NamesRevocation);
    }

    [Fact]
    public void Places_are_bounded_in_length_and_number()
    {
        var many = Enumerable.Range(0, 20).Select(i => $"http://ocsp{i}.example.com/").ToArray();
        Assert.Equal(4, Ask(new CertificateShape { Responders = many }).Responders.Count);
        Assert.Empty(Ask(new CertificateShape { Responders = ["http://ocsp.example.com/" + new string('x', 1024)] }).Responders);
        Assert.Single(Ask(new CertificateShape { Responders = ["http://ocsp.example.com/", "http://ocsp.example.com/"] }).Responders);
    }

    [Theory]
    [InlineData("A014 A012 8610 687474703A2F2F632E6578616D706C65", 1)]
    [InlineData("A014 A012 8610 687474703A2F2F632E6578616D706C65 8101 FE", 0)]
    [InlineData("A014 A012 8610 687474703A2F2F632E6578616D706C65 A206 A404 3002 3100", 0)]
    [InlineData("A206 A404 3002 3100", 0)]
    [InlineData("A004 A102 3100", 0)]
    [InlineData("FFFF", 0)]
    public void A_point_that_says_too_little_is_none(string point, int count)
    {
        var bytes = Convert.FromHexString(point.Replace(" ", "", StringComparison.Ordinal));
        var value = (byte[])[0x30, (byte)(bytes.Length + 2), 0x30, (byte)bytes.Length, .. bytes];
        var question = Ask(new CertificateShape { Others = [new X509Extension(new Oid("2.5.29.31"), value, critical: false)] });
        Assert.Equal(count, question.ListPlaces.Count);
        Assert.True(question.Certificate.Extensions.NamesRevocation);
    }

    [Fact]
    public void A_certificate_whose_authority_information_is_none_is_not_read() => Assert.False(NotationCertificate.TryRead(
        TestCertificate.Make(new CertificateShape { Others = [new X509Extension(new Oid("1.3.6.1.5.5.7.1.1"), [0x30, 1, 5], critical: false)] }, Root).Der, out _));

    [Fact]
    public void An_issuer_without_a_key_has_no_hash()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteNull();
        var root = Read(Root);
        var bare = new NotationCertificate(root.Fields with { PublicKey = writer.Encode() }, root.Extensions);
        Assert.Null(CertificateId.HashOfKey(bare));
    }

    private static RevocationQuestion Ask(CertificateShape shape) => new(Read(TestCertificate.Make(shape, Root)), Read(Root));
}
