using System.Collections.Frozen;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Enforcement.Revocation;
using AuthzPlugin.Enforcement.Signatures;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Testing.Time;
using AuthzPlugin.Trust.Notation;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging.Abstractions;

namespace AuthzPlugin.Enforcement.Tests.Revocation;

/// <summary>A signer whose certificate names a responder and a list of a local server, and the service that asks there.</summary>
internal sealed class RevocationLab : IAsyncDisposable
{
    public const string Ocsp = "/ocsp";
    public const string Crl = "/acme.crl";

    private static readonly NotationTarget Image = NotationSigner.Target("an image"u8.ToArray());

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("revocation-");
    private readonly RepositoryName _repository;

    public RevocationLab(bool hasOcsp = true, bool hasList = true, string revocation = "enforce", TimeProvider? time = null, RevocationOptions? options = null)
    {
        Assert.True(ImageReferenceParser.TryParseNamed("registry.example.com/team/app", out var named, out _));
        _repository = named.Repository;
        Root = TestCertificate.Make(CertificateShape.Authority());
        Leaf = TestCertificate.Make(
            new CertificateShape { Responders = hasOcsp ? [Server.Url(Ocsp)] : [], RevocationUri = hasList ? Server.Url(Crl) : null }, Root);
        Signer = new NotationSigner { Chain = [Leaf, Root] };
        Demand = MakeDemand(revocation);
        Clock = time ?? Time;
        Options = (options ?? new RevocationOptions()) with { Directory = Path.Combine(_folder.FullName, "revocation") };
        Connection = new TrustDataOptions
        {
            CacheDirectory = Path.Combine(_folder.FullName, "trust"),
            CertificatesDirectory = Path.Combine(_folder.FullName, "certs.d"),
        };
        Service = NewService();
        Respond("good");
        List();
    }

    public RevocationServer Server { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public TimeProvider Clock { get; }

    public TestCertificate Root { get; }

    public TestCertificate Leaf { get; }

    public NotationSigner Signer { get; set; }

    public NotationPolicy Demand { get; set; }

    public RevocationOptions Options { get; }

    public TrustDataOptions Connection { get; set; }

    public RevocationService Service { get; private set; }

    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(Clock.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>What the responder answers from now on.</summary>
    public void Respond(string status, Func<TestOcsp, TestOcsp>? change = null) => Server.Set(Ocsp, () =>
    {
        var responder = new TestOcsp { Issuer = Root, From = Now, Until = Now.AddHours(8), Status = status };
        return (change?.Invoke(responder) ?? responder).Answer(Leaf);
    });

    /// <summary>What the place of lists has from now on.</summary>
    public void List(params TestCertificate[] revoked) => Server.Set(Crl, () => Root.List(Now, Now.AddDays(7), revoked));

    public async Task<SignatureVerdict> ExamineAsync(NotationSigner? signer = null)
    {
        var signature = (signer ?? Signer).Sign(NotationFormat.Jws, NotationSigner.Payload(Image));
        return await Service.ExamineAsync(Demand, new PlacedNotationSignature(signature, Image, _repository), Image.Digest, Clock.GetUtcNow(), CancellationToken.None);
    }

    /// <summary>As after a restart: only what is on disk is known.</summary>
    public async Task RestartAsync()
    {
        await Service.DisposeAsync();
        Service = NewService();
    }

    public NotationPolicy MakeDemand(string revocation, params string[] hosts)
    {
        var json = NotationFolder.Statement(overrides: new() { ["revocation"] = revocation });
        var file = new System.Text.Json.Nodes.JsonObject { ["version"] = "1.0", ["trustPolicies"] = new System.Text.Json.Nodes.JsonArray(json) };
        Assert.True(NotationTrustPolicy.TryRead(CosignFiles.Bytes(file), out var policy, out var problem), problem);
        return new NotationPolicy
        {
            File = "/etc/trustpolicy.json",
            TrustPolicy = policy,
            Statements = policy.Statements,
            Stores = new Dictionary<NotationStoreName, IReadOnlyList<NotationCertificate>>
            {
                [new(NotationStoreKind.Authority, "acme")] = NotationCertificate.ReadFile(Root.Der, 1, out _),
            }.ToFrozenDictionary(),
            RevocationHosts = [.. (hosts.Length == 0 ? [Server.Host] : hosts).Select(Host)],
        };
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static RevocationHost Host(string text) => RevocationHost.TryParse(text, out var host) ? host : throw new ArgumentException(text);

    private RevocationService NewService() => new(Connection, Options, Clock, NullLogger<RevocationService>.Instance);
}
