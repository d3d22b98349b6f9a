using System.Buffers;
using AuthzPlugin.Gate.BuildKit.Protocol;
using AuthzPlugin.Trust.References;
using Google.Protobuf;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>Reads from the engine's answer to a build, as it passes, which image it made.</summary>
internal sealed class SolveResult
{
    /// <summary>Longest answer that is read; the result of a longer one is unknown.</summary>
    private const int MaxLength = 1024 * 1024;

    private const int PrefixLength = 5;

    // The classic store names an image by its configuration, the containerd store by its manifest, and says so in the same field.
    private const string Image = "containerimage.digest";

    private readonly ArrayBufferWriter<byte> _answer = new();

    /// <summary>Null when no image was made, or the answer says nothing certain.</summary>
    public Digest? ImageId
    {
        get
        {
            if (_answer.WrittenCount is < PrefixLength or > MaxLength)
            {
                return null;
            }

            try
            {
                var response = SolveResponse.Parser.ParseFrom(_answer.WrittenSpan[PrefixLength..]);
                return response.ExporterResponse.TryGetValue(Image, out var text) && Digest.TryParse(text, out var digest) ? digest : null;
            }
            catch (InvalidProtocolBufferException)
            {
                // Not what the engine usually says: it says nothing certain.
                return null;
            }
        }
    }

    public void Feed(ReadOnlyMemory<byte> data)
    {
        if (_answer.WrittenCount <= MaxLength)
        {
            _answer.Write(data.Span);
        }
    }
}
