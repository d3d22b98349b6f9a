using System.Security.Cryptography;
using System.Text;

namespace AuthzPlugin.Trust.Certificates;

/// <summary>PEM text of certificates.</summary>
internal static class CertificatePem
{
    private const string Label = "CERTIFICATE";

    /// <summary>
    /// The certificates of a bundle that is exactly what Go's encoding/pem writes (LF, 64 columns, nothing around the blocks); otherwise
    /// null.
    /// The Notary client writes root key bundles anew before it takes their id, so any other layout has another id than the one it is
    /// listed under and cannot verify.
    /// </summary>
    internal static IReadOnlyList<byte[]>? ReadBundle(ReadOnlySpan<byte> bundle, int maxCertificates)
    {
        if (bundle.ContainsAnyExceptInRange((byte)'\n', (byte)'~'))
        {
            return null;
        }

        var text = Encoding.ASCII.GetString(bundle);
        var blocks = new List<byte[]>();
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            if (blocks.Count == maxCertificates || !TryReadBlock(rest, out var der, out var end))
            {
                return null;
            }

            blocks.Add(der);
            rest = rest[end..];
        }

        return bundle.SequenceEqual(Write(blocks)) ? blocks : null;
    }

    /// <summary>The certificates of a text in order, whatever stands around them.</summary>
    internal static IReadOnlyList<byte[]> ReadAll(ReadOnlySpan<byte> text, int maxCertificates)
    {
        var rest = Encoding.Latin1.GetString(text);
        var blocks = new List<byte[]>();
        while (blocks.Count < maxCertificates && PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label] == Label)
            {
                blocks.Add(Convert.FromBase64String(rest[fields.Base64Data]));
            }

            rest = rest[fields.Location.End..];
        }

        return blocks;
    }

    /// <summary>A bundle as Go's encoding/pem writes it.</summary>
    internal static byte[] Write(IEnumerable<byte[]> blocks) =>
        Encoding.ASCII.GetBytes(string.Concat(blocks.Select(b => PemEncoding.WriteString(Label, b) + "\n")));

    /// <summary>The first certificate of a text, whatever stands around it; null when there is none.</summary>
    internal static byte[]? ReadFirst(ReadOnlySpan<byte> text)
    {
        var chars = Encoding.Latin1.GetString(text);
        return PemEncoding.TryFind(chars, out var fields) && chars[fields.Label] == Label
            ? Convert.FromBase64String(chars[fields.Base64Data])
            : null;
    }

    private static bool TryReadBlock(ReadOnlySpan<char> text, out byte[] der, out int end)
    {
        (der, end) = ([], 0);
        if (!PemEncoding.TryFind(text, out var fields) || !text[fields.Label].SequenceEqual(Label))
        {
            return false;
        }

        der = Convert.FromBase64String(text[fields.Base64Data].ToString());
        end = Math.Min(text.Length, fields.Location.End.GetOffset(text.Length) + 1);
        return true;
    }
}
