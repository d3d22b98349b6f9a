using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Notation;
using AuthzPlugin.Trust.Tests.Mutations;
using Xunit.Abstractions;
using static AuthzPlugin.Trust.Tests.Notation.NotationFixture;

namespace AuthzPlugin.Trust.Tests.Notation;

/// <summary>A changed byte of an envelope is refused, or changes nothing in what it says.</summary>
public class NotationMutationTests(ITestOutputHelper output)
{
    private const int RoundsOfOthers = 600;

    [Theory]
    [InlineData(NotationFormat.Jws)]
    [InlineData(NotationFormat.Cose)]
    public void Envelopes(NotationFormat format)
    {
        var random = new Random(20261126);
        var (same, refused) = (0, 0);
        var clock = TestTimestamps.Make(Now);
        foreach (var key in new[] { "ES256", "RS2048" })
        {
            var signer = NotationSigner.Make(new CertificateShape { Key = key }) with { Expiry = Now.AddYears(1), Timestamp = clock.Sign };
            var statement = Statement(stores: "\"ca:acme\",\"tsa:clock\"");
            var trust = TrustIn(signer.Chain[^1], statement).With("clock", clock.Chain[^1]);
            var (stranger, elsewhere) = (TrustIn(NotationSigner.Make().Chain[^1], statement), TrustIn(signer.Chain[^1], Statement(identities: "\"x509.subject: C=US, ST=WA, O=B\"")));
            var file = signer.Sign(format, Payload).Envelope.ToArray();
            var before = NotationVerifier.Verify(new NotationSignature(format, file), Image, trust, Now);
            Assert.True(before.IsValid, before.Detail);

            // Every byte of the first, and some of the other key's.
            for (var i = 0; i < (key == "ES256" ? file.Length : RoundsOfOthers); i++)
            {
                var mutated = new NotationSignature(format, SingleByte.Of(file, i, random));
                var finding = NotationVerifier.Verify(mutated, Image, trust, Now);
                if (finding.IsValid)
                {
                    same++;
                    Assert.Equal(before, finding);
                }
                else
                {
                    refused++;
                }

                // It never says more than before: not about another image, by nobody else, and not for longer.
                Assert.False(NotationVerifier.Verify(mutated, OtherImage, trust, Now).IsValid);
                Assert.False(NotationVerifier.Verify(mutated, Image, stranger, Now).IsValid);
                Assert.False(NotationVerifier.Verify(mutated, Image, elsewhere, Now).IsValid);
                Assert.False(NotationVerifier.Verify(mutated, Image, trust, Now.AddYears(1)).IsValid);
            }
        }

        Assert.True(refused > same, $"{refused} refused, {same} unchanged");
        output.WriteLine($"figure: notation {format} envelope, changed bytes: {refused} refused, {same} without effect, 0 accepted with another meaning");
    }
}
