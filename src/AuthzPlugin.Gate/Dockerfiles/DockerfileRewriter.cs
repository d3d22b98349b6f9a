using System.Text;

namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>Puts other text into places of a file; everything else stays byte for byte, and so does the number of lines.</summary>
public static class DockerfileRewriter
{
    /// <exception cref="ArgumentException">Places overlap or leave the file, or a text is not one line of printable ASCII.</exception>
    public static byte[] Apply(ReadOnlySpan<byte> file, IEnumerable<Replacement> replacements)
    {
        var result = new MemoryStream(file.Length);
        var at = 0;
        foreach (var (place, text) in replacements.OrderBy(r => r.Place.Start))
        {
            if (place.Start < at || place.Length < 0 || place.Start + place.Length > file.Length || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                throw new ArgumentException("places overlap, or a text is not a word", nameof(replacements));
            }

            result.Write(file[at..place.Start]);
            result.Write(Encoding.ASCII.GetBytes(text));
            at = place.Start + place.Length;
        }

        result.Write(file[at..]);
        return result.ToArray();
    }
}
