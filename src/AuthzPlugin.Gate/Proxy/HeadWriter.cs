using System.Text;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>Writes heads as <see cref="HeadParser"/> takes them.</summary>
internal static class HeadWriter
{
    public static byte[] Write(string startLine, HeaderFields headers)
    {
        var text = new StringBuilder(startLine).Append("\r\n");
        foreach (var field in headers)
        {
            text.Append(field.Name).Append(": ").Append(field.Value).Append("\r\n");
        }

        return Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());
    }
}
