using System.Formats.Asn1;
using System.Text;

namespace AuthzPlugin.Trust.Notation.Revocation;

/// <summary>
/// Where a certificate says that its revocation can be asked for: URLs of http and https, at most 4 of each kind and 1024 characters each.
/// Places of other kinds (ldap, a name of a directory) are passed over, as are lists that another authority signs or that are about some
/// reasons only, since they would not count.
/// </summary>
internal static class RevocationPlaces
{
    private const int MaxPlaces = 4;
    private const int MaxLength = 1024;
    private const string OcspMethod = "1.3.6.1.5.5.7.48.1";

    private static readonly Asn1Tag Zero = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>Authority information access (RFC 5280 4.2.2.1): whether it names a responder at all, and those that can be asked.</summary>
    /// <exception cref="AsnContentException">It is no such extension.</exception>
    internal static bool TryResponders(AsnReader value, out IReadOnlyList<Uri> responders)
    {
        var (found, named) = (new List<Uri>(), false);
        for (var descriptions = value.ReadSequence(); descriptions.HasData;)
        {
            var description = descriptions.ReadSequence();
            if (description.ReadObjectIdentifier() == OcspMethod)
            {
                named = true;
                AddName(found, description);
            }
        }

        responders = found;
        return named;
    }

    /// <summary>CRL distribution points (RFC 5280 4.2.1.13).</summary>
    internal static IReadOnlyList<Uri> OfLists(AsnReader value)
    {
        var found = new List<Uri>();
        try
        {
            for (var points = value.ReadSequence(); points.HasData;)
            {
                AddPoint(found, points.ReadSequence());
            }
        }
        catch (AsnContentException)
        {
            // Points that cannot be read are none that can be asked. The certificate names some all the same, so nothing is known of it.
            return [];
        }

        return found;
    }

    // With reasons or another issuer (the members after the name) a list says too little.
    private static void AddPoint(List<Uri> found, AsnReader point)
    {
        if (!point.HasData || !point.PeekTag().HasSameClassAndValue(Zero))
        {
            return;
        }

        var name = point.ReadSequence(Zero);
        if (point.HasData || !name.HasData || !name.PeekTag().HasSameClassAndValue(Zero))
        {
            return;
        }

        for (var names = name.ReadSequence(Zero); names.HasData;)
        {
            AddName(found, names);
        }
    }

    private static void AddName(List<Uri> found, AsnReader names)
    {
        if (!names.HasData)
        {
            return;
        }

        if (!names.PeekTag().HasSameClassAndValue(UriTag))
        {
            names.ReadEncodedValue();
            return;
        }

        if (!names.TryReadPrimitiveCharacterStringBytes(UriTag, out var bytes) || bytes.Length > MaxLength || found.Count == MaxPlaces)
        {
            return;
        }

        var text = Encoding.Latin1.GetString(bytes.Span);
        if (text.All(char.IsAscii) && Uri.TryCreate(text, UriKind.Absolute, out var uri) && MayBeAsked(uri) && !found.Contains(uri))
        {
            found.Add(uri);
        }
    }

    private static bool MayBeAsked(Uri uri) =>
        (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri is { UserInfo: "", Fragment: "", Host.Length: > 0 };
}
