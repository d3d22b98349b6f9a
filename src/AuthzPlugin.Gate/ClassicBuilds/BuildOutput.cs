using System.Buffers;
using System.Text.Json;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>
/// Reads from the engine's answer to a build which image it made. Only the engine's own messages count: <c>aux</c> with an id, or with
/// a quiet build the one line that is the whole answer. What steps print comes inside texts and is never looked at.
/// </summary>
internal sealed class BuildOutput
{
    /// <summary>Longest message; what is longer makes the result unknown.</summary>
    public const int MaxMessage = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _line = new();
    private Digest? _auxiliary;
    private Digest? _quiet;
    private int _messages;
    private bool _unclear;

    /// <summary>The image, once the answer is whole; null when the build failed or said nothing certain.</summary>
    public Digest? ImageId
    {
        get
        {
            EndLine();
            return _unclear ? null : _auxiliary ?? (_messages == 1 ? _quiet : null);
        }
    }

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (!_unclear && bytes.IndexOf((byte)'\n') is >= 0 and var feed)
        {
            Append(bytes[..feed]);
            EndLine();
            bytes = bytes[(feed + 1)..];
        }

        Append(bytes);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _unclear |= _line.WrittenCount + bytes.Length > MaxMessage;
        if (!_unclear)
        {
            _line.Write(bytes);
        }
    }

    private void EndLine()
    {
        // Stays valid until the next write.
        var line = _line.WrittenMemory;
        _line.ResetWrittenCount();
        if (_unclear || line.Span.Trim("\r\n\t "u8).IsEmpty)
        {
            return;
        }

        _messages++;
        try
        {
            using var message = JsonDocument.Parse(line);
            Read(message.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not the engine's usual answer: whatever it says, it says nothing certain.
            _unclear = true;
        }
    }

    private void Read(JsonElement message)
    {
        foreach (var member in message.EnumerateObject())
        {
            switch (member.Name)
            {
                case "error" or "errorDetail":
                    _unclear = true;
                    break;
                case "aux":
                    var members = member.Value.EnumerateObject().ToArray();
                    _unclear |= !(members is [{ Name: "ID" } id] && Digest.TryParse(id.Value.GetString(), out _auxiliary));
                    break;
                case "stream" when _messages == 1:
                    _ = Digest.TryParse(member.Value.GetString()?.TrimEnd('\n'), out _quiet);
                    break;
                default:
                    break;
            }
        }
    }
}
