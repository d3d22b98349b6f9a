using AuthzPlugin.Trust.Json;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Cosign;

/// <summary>
/// The signed bytes of a simple signing signature (cosign SIGNATURE_SPEC.md, "Simple Signing"). <c>docker-reference</c> is not compared, as
/// cosign does not: a signature speaks for the repository in which it was found.
/// </summary>
internal sealed class SimpleSigningPayload
{
    private const string ImageSignature = "cosign container image signature";
    private const int MaxDepth = 16;
    private const int MaxTokens = 8192;

    private readonly string _type;
    private readonly string _digest;
    private readonly Dictionary<string, string> _optional;

    private SimpleSigningPayload(string type, string digest, Dictionary<string, string> optional)
    {
        _type = type;
        _digest = digest;
        _optional = optional;
    }

    /// <exception cref="FormatException">It is no simple signing payload.</exception>
    internal static SimpleSigningPayload Read(ReadOnlyMemory<byte> payload)
    {
        var root = StrictJson.Parse(payload, MaxDepth, MaxTokens).Root;
        var critical = root.Get("critical");
        return new SimpleSigningPayload(
            critical.Get("type").GetString(),
            critical.Get("image").Get("docker-manifest-digest").GetString(),
            Annotations.Read(root.FindNotNull("optional")));
    }

    internal CosignFinding? FindFault(Digest image, IReadOnlyDictionary<string, string> annotations) => this switch
    {
        _ when _type != ImageSignature => CosignFinding.Invalid(CosignFault.WrongType, $"is of the type {_type}"),
        _ when _digest != image.ToString() => CosignFinding.Invalid(CosignFault.WrongDigest, $"is over {_digest}"),
        _ => Annotations.FindFault(_optional, annotations),
    };
}
