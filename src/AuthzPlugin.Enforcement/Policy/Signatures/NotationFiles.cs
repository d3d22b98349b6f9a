using System.Globalization;
using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Trust.Notation;
using AuthzPlugin.Trust.Notation.Revocation;

namespace AuthzPlugin.Enforcement.Policy.Signatures;

/// <summary>
/// The files that <c>notation</c> names, which decide what runs: only root (or who runs this program) may be able to change them or the folders
/// of a trust store. Symbolic links and sub-folders in a store are refused, as notation refuses them.
/// </summary>
internal static class NotationFiles
{
    /// <summary>Most certificates of one named store, and most lists of one folder.</summary>
    public const int MaxItems = 64;

    private const string LegalStore = "a folder with certificate files .pem, .crt or .cer, which only root can write";
    private const string LegalLists = "a folder with lists of revoked certificates (.crl, DER), which only root can write";

    private static readonly string[] Extensions = [".pem", ".crt", ".cer"];

    /// <summary>The trust policy, or null with a problem reported.</summary>
    public static NotationTrustPolicy? ReadPolicy(ConfigNode node, Findings findings)
    {
        const string Legal = "the absolute path of a trust policy of version 1.0, which only root can write";
        if (Pinned(Legal).Read(node, node.Text, findings) is not { } bytes)
        {
            return null;
        }

        if (NotationTrustPolicy.TryRead(bytes, out var policy, out var problem))
        {
            return policy;
        }

        findings.Problem(
            node.Path,
            $"{ConfigText.Quote(node.Text)}, which is no trust policy: {ConfigText.Escape(problem)}",
            Legal,
            "copy trustpolicy.json of notation there, or correct it");
        return null;
    }

    /// <summary>The certificates of a named store; with problems reported none.</summary>
    public static IReadOnlyList<NotationCertificate> ReadStore(ConfigNode node, NotationStoreName store, Findings findings)
    {
        var result = new List<NotationCertificate>();
        foreach (var path in List(node, store.Folder.Split('/'), LegalStore, findings))
        {
            var extension = Path.GetExtension(path);
            if (!Extensions.Contains(extension, StringComparer.Ordinal))
            {
                findings.Problem(node.Path, $"{ConfigText.Quote(path)}, which is none of these files", LegalStore, "rename it, or remove it");
                return [];
            }

            if (ReadFile(node, path, LegalStore, findings) is not { } bytes)
            {
                return [];
            }

            var certificates = NotationCertificate.ReadFile(bytes, MaxItems - result.Count, out var problem);
            problem ??= certificates.All(c => c.MayBeTrusted(store.Kind == NotationStoreKind.Timestamps))
                ? null
                : store.Kind == NotationStoreKind.Timestamps
                    ? "holds a certificate that is no root of an authority"
                    : "holds a certificate that is neither of an authority nor signed by itself";
            if (problem is not null)
            {
                findings.Problem(node.Path, $"{ConfigText.Quote(path)}, which {problem}", LegalStore, "replace it by the root certificate of the signer");
                return [];
            }

            result.AddRange(certificates);
        }

        return [.. result.Distinct()];
    }

    /// <summary>All lists of a folder; with problems reported none.</summary>
    public static RevocationKnowledge ReadLists(ConfigNode node, Findings findings)
    {
        var result = new List<RevocationList>();
        foreach (var path in List(node, [], LegalLists, findings))
        {
            if (ReadFile(node, path, LegalLists, findings) is not { } bytes)
            {
                break;
            }

            if (!RevocationList.TryRead(bytes, out var list))
            {
                findings.Problem(
                    node.Path,
                    $"{ConfigText.Quote(path)}, which is no full list of revoked certificates in DER",
                    LegalLists,
                    "convert PEM with openssl crl -outform der, or remove the file");
                break;
            }

            result.Add(list);
        }

        return new RevocationKnowledge(result);
    }

    // The files of a folder below the one that the policy names, sorted; empty with a problem reported. Every folder on the way is looked at.
    private static string[] List(ConfigNode node, IReadOnlyList<string> below, string legal, Findings findings)
    {
        var path = node.Text;
        var fault = FolderFault(path, mayBeLink: true);
        foreach (var name in below)
        {
            path = fault is null ? Path.Combine(path, name) : path;
            fault ??= FolderFault(path, mayBeLink: false);
        }

        if (fault is not var (found, next))
        {
            return Files(node, path, legal, findings);
        }

        findings.Problem(node.Path, $"{ConfigText.Quote(path)}, {found}", legal, next);
        return [];
    }

    private static string[] Files(ConfigNode node, string path, string legal, Findings findings)
    {
        string[] files;
        try
        {
            files = [.. Directory.EnumerateFileSystemEntries(path).Take(MaxItems + 1).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Problem(
                node.Path, $"{ConfigText.Quote(path)}, a folder that cannot be read ({ConfigText.Escape(e.Message)})", legal, "correct its mode");
            return [];
        }

        if (files.Length is 0 or > MaxItems)
        {
            findings.Problem(
                node.Path,
                $"{ConfigText.Quote(path)}, which has {(files.Length == 0 ? "no files" : string.Create(CultureInfo.InvariantCulture, $"more than {MaxItems} files"))}",
                legal,
                files.Length == 0 ? "copy them there" : "remove those that are not needed");
            return [];
        }

        return files;
    }

    private static ReadOnlyMemory<byte>? ReadFile(ConfigNode node, string path, string legal, Findings findings)
    {
        var itself = FileStamp.OfItself(path);
        if (itself.IsLink || itself.IsFolder)
        {
            findings.Problem(
                node.Path,
                $"{ConfigText.Quote(path)}, {(itself.IsLink ? "a symbolic link" : "a folder inside a folder of files")}",
                legal,
                itself.IsLink ? "copy the file there instead" : "move it away");
            return null;
        }

        return Pinned(legal).Read(node, path, findings);
    }

    private static (string Found, string Next)? FolderFault(string path, bool mayBeLink)
    {
        var (stamp, escaped) = (FileStamp.Of(path), ConfigText.Escape(path));
        return stamp switch
        {
            { IsAbsent: true } => ("which does not exist", $"run mkdir -p {escaped} and copy the files there, or correct the path"),
            { IsFolder: false } => ("which is no folder", "name a folder"),
            _ when !mayBeLink && FileStamp.OfItself(path).IsLink => ("a symbolic link", "copy the folder there instead"),
            { IsWritableByStrangers: true } => ("a folder that others than root can write", $"run chmod go-w {escaped}"),
            { IsOwnedByStranger: true } => ("a folder that belongs to somebody else than root", $"run chown root {escaped}"),
            _ => null,
        };
    }

    private static PinnedFile Pinned(string legal) => new("file", legal, ConfigFile.MaxSize);
}
