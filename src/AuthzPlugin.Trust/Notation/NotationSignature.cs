using AuthzPlugin.Trust.Oci;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Notation;

/// <summary>The two formats of a signature envelope.</summary>
public enum NotationFormat
{
    /// <summary>JSON Web Signature, flattened JSON (media type <c>application/jose+json</c>).</summary>
    Jws,

    /// <summary>COSE_Sign1, tagged (media type <c>application/cose</c>).</summary>
    Cose,
}

/// <summary>A signature of the CNCF Notary Project as a registry has it: unverified bytes.</summary>
public sealed record NotationSignature(NotationFormat Format, ReadOnlyMemory<byte> Envelope);

/// <summary>Such a signature with where it was found: the repository decides which statement of a trust policy applies to it.</summary>
/// <param name="Target">What the registry has under the digest that must be signed.</param>
public sealed record PlacedNotationSignature(NotationSignature Signature, NotationTarget Target, RepositoryName Repository) : ImageSignature;
