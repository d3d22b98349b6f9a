using System.Text;

namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>
/// Text whose every character is one byte of the file and knows where it stood: lines that were joined and words that were unquoted
/// can still be replaced in the file.
/// </summary>
internal sealed class SourceText
{
    private readonly StringBuilder _text = new();
    private readonly List<int> _places = [];

    public int Length => _text.Length;

    /// <summary>The text, one byte in each character.</summary>
    public string Bytes => _text.ToString();

    public static SourceText Of(string bytes, int start, int length)
    {
        var result = new SourceText();
        result.Append(bytes, start, length);
        return result;
    }

    public void Append(string bytes, int start, int length)
    {
        _text.Append(bytes, start, length);
        for (var i = 0; i < length; i++)
        {
            _places.Add(start + i);
        }
    }

    public void Append(SourceText other, int index)
    {
        _text.Append(other._text[index]);
        _places.Add(other._places[index]);
    }

    public SourceText Slice(int start, int length)
    {
        var result = new SourceText();
        result._text.Append(_text, start, length);
        result._places.AddRange(_places.GetRange(start, length));
        return result;
    }

    /// <summary>The bytes of the file that are exactly this text; null if it was put together of several.</summary>
    public ByteRange? Place =>
        Length > 0 && _places[^1] - _places[0] == Length - 1 ? new ByteRange(_places[0], Length) : null;
}
