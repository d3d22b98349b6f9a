using System.Text;
using AuthzPlugin.Enforcement.Import;

namespace AuthzPlugin.Enforcement.Tests.Import;

/// <summary>Whatever happens to the bytes of a file, there is a stanza or a problem, and nothing is thrown.</summary>
public sealed class DamagedFiles : IDisposable
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private readonly Imported _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("containers", """{"default":[{"type":"reject"}],"transports":{"docker":{"a.b/c":[{"type":"sigstoreSigned","keyPath":"/k","signedIdentity":{"type":"matchExact"}}],"*.b":[{"type":"reject"}],"a.b/d:1":[{"type":"sigstoreSigned","fulcio":{"caPath":"/c","oidcIssuer":"i","subjectEmail":"s"}}]}}}""")]
    [InlineData("notation", """{"version":"1.0","trustPolicies":[{"name":"n","registryScopes":["*"],"signatureVerification":{"level":"strict","override":{"expiry":"log"}},"trustStores":["ca:x"],"trustedIdentities":["*"]}]}""")]
    [InlineData("mirantis", $$$"""{"content-trust":{"mode":"enforced","trust-pinning":{"library-images":false,"root-keys":{"a.b/*":["{{{Id}}}"]}},"allow-expired-trust-cache":1e1}}""")]
    public void There_is_a_stanza_or_a_problem(string kind, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var at = 0; at < bytes.Length; at++)
        {
            Check(kind, [.. bytes[..at], .. bytes[(at + 1)..]]);
            Check(kind, bytes[..at]);
            foreach (var b in "\0\"\\{],n\u00ff".Select(c => (byte)c))
            {
                Check(kind, [.. bytes[..at], b, .. bytes[(at + 1)..]]);
            }
        }
    }

    private void Check(string kind, byte[] bytes)
    {
        var path = _files.Write("file", "");
        File.WriteAllBytes(path, bytes);
        var result = kind switch
        {
            "containers" => PolicyImport.ContainersPolicy(path),
            "notation" => PolicyImport.Notation(path),
            _ => PolicyImport.Mirantis(path),
        };
        Assert.Equal(result.Stanza is null, result.Problems.Count > 0);
        Assert.All(result.Notes, n => Assert.DoesNotMatch("[^ -~]", n.ToString()));
    }
}
