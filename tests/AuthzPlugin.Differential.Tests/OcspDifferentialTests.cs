using System.Diagnostics;
using System.Globalization;
using AuthzPlugin.Testing.Signatures;
using AuthzPlugin.Trust.Notation;
using AuthzPlugin.Trust.Notation.Revocation;
using Xunit.Abstractions;

namespace AuthzPlugin.Differential.Tests;

/// <summary>
/// OpenSSL's responder answers the questions that we write, and OpenSSL's client reads the same answers: what they say must agree.
/// </summary>
public sealed class OcspDifferentialTests(ITestOutputHelper output)
{
    private const int LeastCases = 40;

    private static readonly string[] Certificates = ["good", "revoked", "unknown", "expired"];

    private static readonly (string Name, string[] Options)[] Responders =
    [
        ("by name, with an end", ["-nmin", "60"]),
        ("by key, with an end", ["-nmin", "60", "-resp_key_id"]),
        ("by name, without an end", []),
        ("without certificates", ["-nmin", "60", "-resp_no_certs"]),
        ("with SHA-512", ["-nmin", "60", "-rmd", "sha512"]),
        ("with SHA-1", ["-nmin", "60", "-rmd", "sha1"]),
    ];

    [Fact]
    public async Task Both_read_the_same_from_every_answer_of_openssl()
    {
        var folder = Directory.CreateTempSubdirectory("ocsp-differential-").FullName;
        var now = DateTimeOffset.UtcNow;
        CertificateShape Dated(CertificateShape shape) => shape with { NotBefore = now.AddYears(-1), NotAfter = now.AddYears(1) };
        var (agreed, seen) = (0, new HashSet<string>());
        foreach (var key in new[] { "ES256", "RS2048" })
        {
            var root = TestCertificate.Make(Dated(CertificateShape.Authority()) with { Key = key });
            var stranger = TestCertificate.Make(Dated(CertificateShape.Authority()));
            var signers = new Dictionary<string, TestCertificate>
            {
                ["issuer"] = root,
                ["delegate"] = TestCertificate.Make(Dated(CertificateShape.Responder()) with { Key = key }, root),
                ["not for OCSP"] = TestCertificate.Make(Dated(CertificateShape.Responder("CN=code")) with { Purposes = [CertificateShape.CodeSigning] }, root),
                ["stranger"] = stranger,
            };
            var leaves = Certificates.ToDictionary(c => c, _ => TestCertificate.Make(Dated(new CertificateShape()), root));
            File.WriteAllLines(Path.Combine(folder, "index.txt"), Certificates.Where(c => c != "unknown").Select(c => Line(c, leaves[c], now)));
            File.WriteAllText(Path.Combine(folder, "root.pem"), root.Pem);
            foreach (var (name, signer) in signers)
            {
                File.WriteAllText(Path.Combine(folder, "signer.pem"), signer.Pem);
                File.WriteAllText(Path.Combine(folder, "signer.key"), signer.Key.ExportPkcs8PrivateKeyPem());
                foreach (var (kind, options) in Responders)
                {
                    foreach (var (certificate, leaf) in leaves)
                    {
                        var (status, theirs) = await AskAsync(folder, leaf, root, options);

                        // Signatures with SHA-1 count for OpenSSL and not here.
                        var expected = status is null || kind == "with SHA-1" ? "nothing" : theirs;
                        var ours = Judge(File.ReadAllBytes(Path.Combine(folder, "response.der")), leaf, root);
                        Assert.True(ours == expected, $"{key}, {name}, {kind}, {certificate}: openssl {theirs} ({status}), ours {ours}");
                        agreed++;
                        seen.Add(ours);
                    }
                }
            }
        }

        Assert.True(agreed >= LeastCases);
        Assert.Equal(["good", "nothing", "revoked", "unknown"], seen.Order());
        output.WriteLine($"figure: answers of openssl ocsp: {agreed} read alike");
        Directory.Delete(folder, recursive: true);
    }

    // What OpenSSL's client makes of the answer to our question; null when it does not verify.
    private static async Task<(string? Verified, string Status)> AskAsync(string folder, TestCertificate leaf, TestCertificate root, string[] options)
    {
        File.WriteAllBytes(Path.Combine(folder, "request.der"), new RevocationQuestion(Read(leaf), Read(root)).ToOcsp());
        File.WriteAllText(Path.Combine(folder, "leaf.pem"), leaf.Pem);
        await RunAsync(
            folder, ["-index", "index.txt", "-CA", "root.pem", "-rsigner", "signer.pem", "-rkey", "signer.key", "-reqin", "request.der", "-respout", "response.der", .. options]);
        var text = await RunAsync(
            folder, ["-respin", "response.der", "-issuer", "root.pem", "-cert", "leaf.pem", "-CAfile", "root.pem", "-no_nonce"]);
        var verified = text.Contains("Response verify OK", StringComparison.Ordinal) ? "OK" : null;
        var line = text.Split('\n').FirstOrDefault(l => l.StartsWith("leaf.pem: ", StringComparison.Ordinal)) ?? "leaf.pem: nothing";
        var status = line["leaf.pem: ".Length..].Trim();
        return (verified, status is "good" or "revoked" or "unknown" ? status : "nothing");
    }

    private static string Judge(byte[] bytes, TestCertificate leaf, TestCertificate root)
    {
        if (!OcspResponse.TryRead(bytes, out var response, out _))
        {
            return "nothing";
        }

        var verdict = new RevocationQuestion(Read(leaf), Read(root)).Judge(response, DateTimeOffset.UtcNow);
        return verdict.Status?.ToString().ToLowerInvariant() ?? "nothing";
    }

    private static NotationCertificate Read(TestCertificate certificate) =>
        NotationCertificate.TryRead(certificate.Der, out var read) ? read : throw new InvalidOperationException("no certificate");

    // A line of the database of openssl ca.
    private static string Line(string what, TestCertificate certificate, DateTimeOffset now)
    {
        static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyMMddHHmmss'Z'", CultureInfo.InvariantCulture);
        var (flag, end) = what switch { "good" => ("V", now.AddYears(1)), "revoked" => ("R", now.AddYears(1)), _ => ("E", now.AddDays(-1)) };
        return $"{flag}\t{Time(end)}\t{(flag == "R" ? Time(now.AddDays(-1)) : "")}\t{certificate.Certificate.SerialNumber}\tunknown\t/CN={what}";
    }

    private static async Task<string> RunAsync(string folder, string[] arguments)
    {
        var start = new ProcessStartInfo("openssl", ["ocsp", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        var text = await process.StandardOutput.ReadToEndAsync(limit.Token) + await errors;
        await process.WaitForExitAsync(limit.Token);
        return text;
    }
}
