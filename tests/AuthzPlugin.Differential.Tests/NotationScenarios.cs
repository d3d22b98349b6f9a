using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using AuthzPlugin.Testing.Registry;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Notation;

namespace AuthzPlugin.Differential.Tests;

/// <summary>What a scenario has to work with: an image of its own, a signer, a trust policy and a trust store.</summary>
internal sealed class NotationScene(
    RegistrySimulator registry, RevocationServer revocation, string path, NotationFolder folder, NotationFormat format, DateTimeOffset now)
{
    private readonly DateTimeOffset _from = now.AddYears(-1);

    public NotationFolder Folder => folder;

    public DateTimeOffset Now => now;

    public NotationTarget Image { get; } = registry.PutOciImage(path, "1", path);

    public NotationTarget Other { get; } = registry.PutOciImage(path, "2", path + " other");

    public string Scope => $"{registry.Host.Replace("127.0.0.1", "localhost", StringComparison.Ordinal)}/{path}";

    /// <summary>The annotations that are demanded.</summary>
    public Dictionary<string, string> Demanded { get; } = [];

    public CertificateShape Leaf => new() { NotBefore = _from, NotAfter = now.AddYears(1) };

    public CertificateShape Root => CertificateShape.Authority() with { NotBefore = _from, NotAfter = now.AddYears(1) };

    /// <summary>A signer whose root is in the store <c>ca:acme</c>, with a trust policy that trusts it.</summary>
    public NotationSigner Trusted(CertificateShape? leaf = null, CertificateShape? root = null, JsonObject? statement = null)
    {
        var signer = Stranger(leaf, root);
        Folder.With(statement ?? NotationFolder.Statement()).With("ca", "acme", signer.Chain[^1]);
        return signer;
    }

    public NotationSigner Stranger(CertificateShape? leaf = null, CertificateShape? root = null) =>
        NotationSigner.Make(leaf ?? Leaf, root ?? Root) with { MadeAt = now.AddDays(-1) };

    /// <summary>
    /// A signer whose certificate can be revoked, under a statement that enforces that: a responder and a place of lists answer as told, or not
    /// at all. Null instead of an answer: the certificate does not name it.
    /// </summary>
    public NotationSigner Revocable(Func<TestOcsp, TestOcsp?>? respond, Func<TestCertificate, TestCertificate, byte[]?>? list)
    {
        var (ocsp, crl) = ($"/{path}/ocsp", $"/{path}/crl");
        var signer = Trusted(
            Leaf with { Responders = respond is null ? [] : [revocation.Url(ocsp)], RevocationUri = list is null ? null : revocation.Url(crl) },
            statement: NotationFolder.Statement(overrides: []));
        var (leaf, root) = (signer.Chain[0], signer.Chain[^1]);
        if (respond?.Invoke(new TestOcsp { Issuer = root, From = now.AddMinutes(-1), Until = now.AddDays(1) }) is { } responder)
        {
            revocation.Set(ocsp, () => responder.Answer(leaf));
        }

        if (list?.Invoke(root, leaf) is { } bytes)
        {
            revocation.Set(crl, () => bytes);
        }

        return signer;
    }

    public TestCertificate Delegate(TestOcsp responder, CertificateShape? shape = null) =>
        TestCertificate.Make((shape ?? CertificateShape.Responder()) with { NotBefore = _from, NotAfter = now.AddYears(1) }, responder.Issuer);

    public byte[] List(TestCertificate root, int hours, params TestCertificate[] revoked) => root.List(now.AddHours(-48), now.AddHours(hours), revoked);

    public void Sign(NotationSigner signer, byte[]? payload = null, bool isLegacy = false) =>
        registry.SignNotation(path, Image, signer.Sign(format, payload ?? NotationSigner.Payload(Image)), isLegacy);

    public void Sign(Func<byte[], byte[]> change, NotationSigner signer) =>
        registry.SignNotation(path, Image, new NotationSignature(format, change(signer.Sign(format, NotationSigner.Payload(Image)).Envelope.ToArray())));

    public TestTimestamps Clock(DateTimeOffset time, CertificateShape? leaf = null)
    {
        var root = TestCertificate.Make(CertificateShape.Authority("CN=Time Root, O=Time, S=WA, C=US") with { NotBefore = _from.AddYears(-5), NotAfter = now.AddYears(9) });
        var shape = (leaf ?? CertificateShape.Timestamps()) with { NotBefore = _from.AddYears(-5), NotAfter = now.AddYears(9) };
        Folder.With("tsa", "clock", root);
        return new TestTimestamps { Chain = [TestCertificate.Make(shape, root), root], Time = time };
    }
}

/// <summary>A way in which an image is signed or not.</summary>
/// <param name="Reason">What the verdict is expected to rest on; the verdicts themselves are the tool's.</param>
/// <param name="Rule">Why we refuse what notation takes; null: the verdicts must be the same.</param>
internal sealed record NotationScenario(string Name, string Reason, Action<NotationScene> Make, string? Rule = null)
{
    private static readonly string[] WithClock = ["ca:acme", "tsa:clock"];

    internal static IReadOnlyList<NotationScenario> All { get; } =
    [
        new("signed", "trusted", s => s.Sign(s.Trusted())),
        new("signed with P-384", "trusted", s => s.Sign(s.Trusted(s.Leaf with { Key = "ES384" }))),
        new("signed with P-521", "trusted", s => s.Sign(s.Trusted(s.Leaf with { Key = "ES512" }))),
        new("signed with RSA 2048", "trusted", s => s.Sign(s.Trusted(s.Leaf with { Key = "RS2048" }))),
        new("signed with RSA 3072 under an RSA root", "trusted", s => s.Sign(s.Trusted(s.Leaf with { Key = "RS3072" }, s.Root with { Key = "RS2048" }))),
        new("signed in the older form", "trusted", s => s.Sign(s.Trusted(), isLegacy: true)),
        new("signed among strangers", "trusted", s =>
        {
            s.Sign(s.Stranger());
            s.Sign(s.Trusted());
        }),
        new("by a certificate that signed itself", "trusted", s =>
        {
            var self = TestCertificate.Make(s.Leaf);
            s.Folder.With(NotationFolder.Statement()).With("ca", "acme", self);
            s.Sign(new NotationSigner { Chain = [self], MadeAt = s.Now.AddDays(-1) });
        }),
        new("with an intermediate", "trusted", s =>
        {
            var signer = s.Trusted();
            var middle = TestCertificate.Make(s.Root with { Subject = "CN=Middle, O=Acme, S=WA, C=US", PathLength = 0 }, signer.Chain[^1]);
            s.Sign(signer with { Chain = [TestCertificate.Make(s.Leaf, middle), middle, signer.Chain[^1]] });
        }),
        new("not expired yet", "trusted", s => s.Sign(s.Trusted() with { Expiry = s.Now.AddDays(1) })),
        new("with the metadata", "trusted", s =>
        {
            s.Demanded["env"] = "prod";
            s.Sign(s.Trusted(), NotationSigner.Payload(s.Image, new Dictionary<string, string> { ["env"] = "prod", ["more"] = "x" }));
        }),
        new("by anybody of the store", "trusted", s => s.Sign(s.Trusted(s.Leaf with { Subject = "CN=nobody" }, statement: NotationFolder.Statement(identities: ["*"])))),
        new("by a name with escapes", "trusted", s => s.Sign(s.Trusted(
            s.Leaf with { Subject = "CN=x, O=\"Acme, Inc.\", S=WA, C=US" }, statement: NotationFolder.Statement(identities: ["x509.subject: C=US, S=WA, O=Acme\\, Inc."])))),
        new("by the statement of the repository", "trusted", s => s.Sign(s.Trusted(statement: NotationFolder.Statement(scope: s.Scope)))),
        new("by a signing authority", "trusted", s =>
        {
            var signer = s.Trusted(statement: NotationFolder.Statement(stores: ["signingAuthority:acme"]));
            s.Folder.With("signingAuthority", "acme", signer.Chain[^1]);
            s.Sign(signer with { IsAuthority = true });
        }),
        new("with a timestamp after the end of its certificates", "trusted", s =>
        {
            var signer = s.Trusted(s.Leaf with { NotAfter = s.Now.AddDays(-1) }, statement: NotationFolder.Statement(stores: WithClock));
            s.Sign(signer with { MadeAt = s.Now.AddDays(-9), Timestamp = s.Clock(s.Now.AddDays(-9)).Sign });
        }),
        new("with a timestamp", "trusted", s => s.Sign(s.Trusted(statement: NotationFolder.Statement(stores: WithClock)) with { Timestamp = s.Clock(s.Now.AddDays(-1)).Sign })),
        new("expired, and only logged", "trusted", s => s.Sign(
            s.Trusted(statement: NotationFolder.Statement(level: "permissive")) with { MadeAt = s.Now.AddDays(-9), Expiry = s.Now.AddDays(-1) })),
        new("an expired certificate, and only logged", "trusted", s => s.Sign(
            s.Trusted(s.Leaf with { NotAfter = s.Now.AddDays(-1) }, statement: NotationFolder.Statement(level: "permissive")) with { MadeAt = s.Now.AddDays(-9) })),

        new("not revoked, says the issuer", "trusted", s => s.Sign(s.Revocable(r => r, null))),
        new("not revoked, says a delegate", "trusted", s => s.Sign(s.Revocable(r => r with { Signer = s.Delegate(r) }, null))),
        new("not revoked, says a delegate by its key", "trusted", s => s.Sign(s.Revocable(r => r with { Signer = s.Delegate(r), NamesKey = true }, null))),
        new("not revoked, says a list", "trusted", s => s.Sign(s.Revocable(null, (root, _) => s.List(root, 24)))),
        new("not revoked, says a list where the responder is silent", "trusted", s => s.Sign(s.Revocable(_ => null, (root, _) => s.List(root, 24)))),
        new("not revoked, says a list where the responder does not know", "trusted", s => s.Sign(
            s.Revocable(r => r with { Status = "unknown" }, (root, _) => s.List(root, 24)))),
        new("not revocable", "trusted", s => s.Sign(s.Trusted(statement: NotationFolder.Statement(overrides: [])))),
        new("revoked, says the issuer", "revocation", s => s.Sign(s.Revocable(r => r with { Status = "revoked" }, null))),
        new("revoked, says a delegate", "revocation", s => s.Sign(s.Revocable(r => r with { Status = "revoked", Signer = s.Delegate(r) }, null))),
        new("revoked, says a list", "revocation", s => s.Sign(s.Revocable(null, (root, leaf) => s.List(root, 24, leaf)))),
        new("revoked, says a list where the responder is silent", "revocation", s => s.Sign(s.Revocable(_ => null, (root, leaf) => s.List(root, 24, leaf)))),
        new("unknown to the responder", "revocation", s => s.Sign(s.Revocable(r => r with { Status = "unknown" }, null))),
        new("an answer that is out of date", "revocation", s => s.Sign(s.Revocable(r => r with { From = s.Now.AddDays(-2), Until = s.Now.AddDays(-1) }, null))),
        new("an answer about another certificate", "revocation", s => s.Sign(s.Revocable(r => r with { Serial = [1, 2, 3] }, null))),
        new("an answer by a delegate that is not for OCSP", "revocation", s => s.Sign(
            s.Revocable(r => r with { Signer = s.Delegate(r, CertificateShape.Responder() with { Purposes = [CertificateShape.CodeSigning] }) }, null)),
            "RFC 6960 4.2.2.2 demands a certificate for OCSP signing; notation 1.3 takes every one that the issuer issued, the signer's own among them"),
        new("a list that is out of date", "revocation", s => s.Sign(s.Revocable(null, (root, _) => s.List(root, -1)))),
        new("nobody answers", "revocation", s => s.Sign(s.Revocable(_ => null, (_, _) => null))),

        new("no signature", "unsigned", s => s.Trusted()),
        new("another root", "untrusted", s =>
        {
            s.Trusted();
            s.Sign(s.Stranger());
        }),
        new("the wrong kind of store", "untrusted", s => s.Sign(s.Trusted() with { IsAuthority = true })),
        new("another store", "untrusted", s => s.Sign(WithOther(s, s.Trusted(statement: NotationFolder.Statement(stores: ["ca:other"]))))),
        new("another subject", "identity", s => s.Sign(s.Trusted(s.Leaf with { Subject = "CN=signer, O=Other, S=WA, C=US" }))),
        new("a subject with less", "identity", s => s.Sign(s.Trusted(statement: NotationFolder.Statement(identities: ["x509.subject: C=US, ST=WA, O=Acme, OU=x"])))),
        new("a subject with an attribute twice", "identity", s => s.Sign(s.Trusted(s.Leaf with { Subject = "OU=a, OU=b, O=Acme, S=WA, C=US" }))),
        new("no statement for the repository", "identity", s => s.Sign(s.Trusted(statement: NotationFolder.Statement(scope: "registry.example.com/x")))),
        new("another digest", "digest", s => s.Sign(s.Trusted(), NotationSigner.Payload(s.Other))),
        new("another size", "digest", s => s.Sign(s.Trusted(), NotationSigner.Payload(s.Image with { Size = 1 }))),
        new("another media type", "digest", s => s.Sign(s.Trusted(), NotationSigner.Payload(s.Image with { MediaType = "text/plain" }))),
        new("without the metadata", "metadata", s =>
        {
            s.Demanded["env"] = "prod";
            s.Sign(s.Trusted());
        }),
        new("with other metadata", "metadata", s =>
        {
            s.Demanded["env"] = "prod";
            s.Sign(s.Trusted(), NotationSigner.Payload(s.Image, new Dictionary<string, string> { ["env"] = "test" }));
        }),
        new("with a broken signature", "malformed", s => s.Sign(s.Trusted() with { Key = s.Stranger().Chain[0] })),
        new("cut", "malformed", s => s.Sign(e => e[..^3], s.Trusted())),
        new("of another content type", "malformed", s => s.Sign(s.Trusted() with { ContentType = "text/plain" })),
        new("with another algorithm than its key has", "malformed", s => s.Sign(s.Trusted() with { Algorithm = "ES384" })),
        new("without critical attributes", "attributes", s => s.Sign(s.Trusted() with { Critical = ["none"] })),
        new("with an unknown scheme", "attributes", s => s.Sign(s.Trusted() with { Others = Also(NotationSigner.Scheme, "notary.x509.other") })),
        new("with an expiry that is not critical", "attributes", s => s.Sign(s.Trusted() with { Expiry = s.Now.AddDays(1), Critical = [NotationSigner.Scheme] })),
        new("that expires before it was made", "attributes", s => s.Sign(s.Trusted() with { Expiry = s.Now.AddDays(-2) })),
        new("that asks for a plugin", "attributes", s => s.Sign(
            s.Trusted() with { Others = Also("io.cncf.notary.verificationPlugin", "com.example.p"), Critical = [NotationSigner.Scheme, "io.cncf.notary.verificationPlugin"] })),
        new("with an unknown critical attribute", "attributes", s => s.Sign(
            s.Trusted() with { Others = Also("com.example.x", "1"), Critical = [NotationSigner.Scheme, "com.example.x"] }),
            "the specification says that unknown critical attributes must cause the verification to fail; notation 1.3 looks at them only with a plugin"),
        new("by a certificate authority", "certificates", s => s.Sign(s.Trusted(s.Leaf with { IsAuthority = true }))),
        new("by a certificate for servers", "certificates", s => s.Sign(s.Trusted(s.Leaf with { Purposes = ["1.3.6.1.5.5.7.3.1"] }))),
        new("by a certificate that may do more", "certificates", s => s.Sign(
            s.Trusted(s.Leaf with { KeyUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment }))),
        new("by a key usage that is not critical", "certificates", s => s.Sign(s.Trusted(s.Leaf with { KeyUsageIsCritical = false }))),
        new("by a key of another size", "certificates", s => s.Sign(s.Trusted(s.Leaf with { Key = "RS2560" }))),
        new("by a chain without its root", "certificates", s => s.Sign(s.Trusted() is var signer ? signer with { Chain = [signer.Chain[0]] } : signer)),
        new("by a chain that is too long for its root", "certificates", s =>
        {
            var signer = s.Trusted(root: s.Root with { PathLength = 0 });
            var middle = TestCertificate.Make(s.Root with { Subject = "CN=Middle, O=Acme, S=WA, C=US" }, signer.Chain[^1]);
            s.Sign(signer with { Chain = [TestCertificate.Make(s.Leaf, middle), middle, signer.Chain[^1]] });
        }),
        new("expired", "expired", s => s.Sign(s.Trusted() with { MadeAt = s.Now.AddDays(-9), Expiry = s.Now.AddDays(-1) })),
        new("by an expired certificate", "time", s => s.Sign(s.Trusted(s.Leaf with { NotAfter = s.Now.AddDays(-1) }) with { MadeAt = s.Now.AddDays(-9) })),
        new("by a certificate that is not valid yet", "time", s => s.Sign(s.Trusted(s.Leaf with { NotBefore = s.Now.AddDays(1) }))),
        new("without the timestamp that is wanted", "time", s => s.Sign(WithClockStore(s, s.Trusted(statement: NotationFolder.Statement(stores: WithClock))))),
        new("with a timestamp over something else", "time", s => s.Sign(
            s.Trusted(statement: NotationFolder.Statement(stores: WithClock)) with { Timestamp = (s.Clock(s.Now.AddDays(-1)) with { Over = [1] }).Sign })),
        new("with a timestamp for code", "time", s => s.Sign(s.Trusted(statement: NotationFolder.Statement(stores: WithClock)) with
        {
            Timestamp = s.Clock(s.Now.AddDays(-1), CertificateShape.Timestamps() with { Purposes = [CertificateShape.CodeSigning] }).Sign,
        })),
        new("with a timestamp after the end of its certificates", "time", s => s.Sign(
            s.Trusted(s.Leaf with { NotAfter = s.Now.AddDays(-1) }, statement: NotationFolder.Statement(stores: WithClock)) with
            {
                MadeAt = s.Now.AddDays(-9),
                Timestamp = s.Clock(s.Now.AddHours(-1)).Sign,
            })),
        new("by a signing authority before its certificates", "time", s =>
        {
            var signer = s.Trusted(statement: NotationFolder.Statement(stores: ["signingAuthority:acme"]));
            s.Folder.With("signingAuthority", "acme", signer.Chain[^1]);
            s.Sign(signer with { IsAuthority = true, MadeAt = s.Now.AddYears(-2) });
        }),
        new("audit, by a stranger", "logged", s =>
        {
            s.Trusted(statement: NotationFolder.Statement(level: "audit"));
            s.Sign(s.Stranger());
        },
            "a signature of a stranger is no evidence; notation only logs that at the level audit"),
        new("skip", "logged", s => s.Trusted(statement: NotationFolder.Statement(scope: s.Scope, level: "skip", stores: [], identities: [], overrides: [])),
            "what is not verified does not count as signed; notation does nothing at the level skip"),
    ];

    private static Dictionary<string, string> Also(string name, string value) => new() { [name] = value };

    private static NotationSigner WithOther(NotationScene scene, NotationSigner signer)
    {
        scene.Folder.With("ca", "other", scene.Stranger().Chain[^1]);
        return signer;
    }

    private static NotationSigner WithClockStore(NotationScene scene, NotationSigner signer)
    {
        scene.Clock(scene.Now);
        return signer;
    }
}
