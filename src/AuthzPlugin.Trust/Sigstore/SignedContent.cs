namespace AuthzPlugin.Trust.Sigstore;

/// <summary>What was signed.</summary>
/// <param name="Message">The bytes that the signature is over.</param>
/// <param name="EnvelopePayload">The payload of a DSSE envelope, whose encoding the message is; null when there is no envelope.</param>
internal sealed record SignedContent(byte[] Message, byte[] Signature, byte[]? EnvelopePayload);
