using AuthzPlugin.Trust.Json;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Cosign;

/// <summary>
/// The statement that <c>cosign sign</c> 3 signs (in-toto Statement v1): its subjects are the signed digests. Other statements, such as
/// attestations about how an image was built, are no signature of the image.
/// </summary>
internal static class InTotoStatement
{
    private const string PayloadType = "application/vnd.in-toto+json";
    private const string StatementType = "https://in-toto.io/Statement/v1";
    private const string SignPredicate = "https://sigstore.dev/cosign/sign/v1";
    private const int MaxDepth = 24;
    private const int MaxTokens = 16 * 1024;

    /// <summary>Null when the statement says that the image is signed, with these annotations.</summary>
    /// <exception cref="FormatException">The payload is no statement.</exception>
    internal static CosignFinding? FindFault(DsseEnvelope envelope, Digest image, IReadOnlyDictionary<string, string> annotations)
    {
        if (envelope.PayloadType != PayloadType)
        {
            return CosignFinding.Invalid(CosignFault.WrongType, $"signs a payload of the type {envelope.PayloadType}");
        }

        var root = StrictJson.Parse(envelope.Payload, MaxDepth, MaxTokens).Root;
        var (type, predicate) = (root.Get("_type").GetString(), root.Get("predicateType").GetString());
        return type != StatementType || predicate != SignPredicate
            ? CosignFinding.Invalid(CosignFault.WrongType, $"is a statement {predicate} and not the signature of an image")
            : FindFault(root.Get("subject"), image, annotations);
    }

    private static CosignFinding? FindFault(JsonValue subjects, Digest image, IReadOnlyDictionary<string, string> annotations)
    {
        var others = new List<string>();
        foreach (var subject in subjects.Items())
        {
            var hex = subject.Get("digest").FindNotNull("sha256")?.GetString();
            if (hex == image.Hex)
            {
                return Annotations.FindFault(Annotations.Read(subject.FindNotNull("annotations")), annotations);
            }

            others.Add(hex ?? "no sha256 digest");
        }

        return CosignFinding.Invalid(CosignFault.WrongDigest, $"is over {(others.Count == 0 ? "nothing" : others[0])}");
    }
}
