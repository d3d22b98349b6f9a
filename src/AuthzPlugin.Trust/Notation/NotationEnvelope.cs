namespace AuthzPlugin.Trust.Notation;

/// <summary>
/// The parts of an envelope before anything is verified. The signed attributes are still bytes: they are read when the signature over them
/// was found good.
/// </summary>
/// <param name="SignedBytes">What the signature is over.</param>
/// <param name="Protected">The signed attributes, in the format's own encoding.</param>
/// <param name="Chain">Certificates in DER, the signing one first. Not signed.</param>
/// <param name="Timestamp">RFC 3161 countersignature over <paramref name="Signature"/>; null: none. Not signed.</param>
internal sealed record NotationEnvelope(
    ReadOnlyMemory<byte> SignedBytes,
    ReadOnlyMemory<byte> Protected,
    ReadOnlyMemory<byte> Payload,
    ReadOnlyMemory<byte> Signature,
    IReadOnlyList<ReadOnlyMemory<byte>> Chain,
    ReadOnlyMemory<byte>? Timestamp)
{
    /// <summary>Most certificates of a chain: each costs the check of a signature, whoever sends it.</summary>
    internal const int MaxCertificates = 8;

    /// <exception cref="FormatException">It is no envelope.</exception>
    internal static NotationEnvelope Read(NotationSignature signature) =>
        signature.Format == NotationFormat.Jws ? JwsEnvelope.Read(signature.Envelope) : CoseEnvelope.Read(signature.Envelope);
}
