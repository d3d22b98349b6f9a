using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using AuthzPlugin.Enforcement.Policy.Json;
using AuthzPlugin.Enforcement.Policy.Signatures;
using AuthzPlugin.Trust.Cosign;

namespace AuthzPlugin.Enforcement.Import.Containers;

/// <summary>From the requirements of one scope to what must be met here. What cannot be said makes the scope refuse.</summary>
internal sealed class RequirementConversion(ImportDraft draft)
{
    /// <summary>Where keys that stand in the file itself are to be written.</summary>
    private const string KeyFolder = "/etc/content-trust/keys/";

    private const string TrustedRoot = "/etc/content-trust/trusted_root.json";

    public Outcome Convert(IReadOnlyList<Requirement> requirements)
    {
        if (requirements.FirstOrDefault(r => r.Kind is RequirementKind.Reject) is not null)
        {
            return Outcome.Refuse;
        }

        if (requirements.FirstOrDefault(r => r.Kind is RequirementKind.Foreign || r.Pki) is { } foreign)
        {
            var what = foreign.Pki ? "certificates of a CA of one's own (pki)" : foreign.Word == "signedBy" ? "GPG signatures (signedBy)" : foreign.Word;
            draft.Stricter(foreign.Path, $"{what} count nowhere here: all of this scope is refused; sign with cosign or Notation as well");
            return Outcome.Refuse;
        }

        var asked = requirements.Where(r => r.Kind is RequirementKind.Sigstore).ToArray();
        return asked.Length == 0 ? Outcome.Accept : Convert(asked);
    }

    private Outcome Convert(Requirement[] asked)
    {
        var keyed = asked.Where(r => r.Fulcio is null).ToArray();
        var keyless = asked.Where(r => r.Fulcio is not null).ToArray();
        var entry = new JsonObject();
        if (keyed.Length > 0 && keyless.Length > 0)
        {
            entry["require"] = "all";
        }

        if ((keyed.Length > 0 && !TryAddKeys(entry, keyed)) || (keyless.Length > 0 && !TryAddIdentity(entry, keyless)))
        {
            return Outcome.Refuse;
        }

        foreach (var requirement in asked)
        {
            NoteDifferences(requirement);
        }

        return new Outcome(false, entry);
    }

    private bool TryAddKeys(JsonObject entry, Requirement[] keyed)
    {
        var lists = keyed.Select(r => r.KeyPaths.Concat(r.KeyData.Select(d => FileOf(d, r.Path) ?? "")).Distinct(StringComparer.Ordinal).ToArray()).ToArray();
        var keys = lists.SelectMany(l => l).Distinct(StringComparer.Ordinal).ToArray();
        if (Array.Find(keys, k => !k.StartsWith('/') || k.Contains('\0', StringComparison.Ordinal)) is { } bad)
        {
            if (bad.Length > 0)
            {
                draft.Stricter(
                    keyed[0].Path, $"{ConfigText.Quote(bad)} is no absolute path: all of this scope is refused; write it out and import again");
            }

            return false;
        }

        if (keys.Length > CosignKeyFile.MaxKeys)
        {
            draft.Stricter(
                keyed[0].Path, string.Create(CultureInfo.InvariantCulture, $"{keys.Length} keys are more than {CosignKeyFile.MaxKeys}: all of this scope is refused"));
            return false;
        }

        var cosign = new JsonObject { ["keys"] = new JsonArray([.. keys.Select(k => JsonValue.Create(k))]) };
        if (keyed.Length > 1 && keys.Length > 1)
        {
            cosign["threshold"] = keys.Length;
            if (lists.Any(l => l.Length > 1))
            {
                draft.Stricter(keyed[0].Path, "one key of each of several lists must have signed there; here every one of them");
            }
        }

        entry["cosign"] = cosign;
        return true;
    }

    /// <summary>The file that a key in base64 is to be written to; null when it is no key that counts here.</summary>
    private string? FileOf(string data, string path)
    {
        var bytes = new byte[data.Length];
        if (data.Length > CosignKeyFile.MaxBytes
            || !System.Convert.TryFromBase64String(data, bytes, out var length)
            || !CosignKey.TryRead(Encoding.UTF8.GetString(bytes.AsSpan(0, length)), out _, out _))
        {
            draft.Stricter(path, "key data that is not one public key of a kind that counts here, in PEM and base64: all of this scope is refused");
            return null;
        }

        var pem = bytes.AsSpan(0, length);
        var file = $"{KeyFolder}imported-{System.Convert.ToHexStringLower(SHA256.HashData(pem))[..16]}.pub";
        draft.ToDo(path, $"the key stands in the file itself; run: echo {System.Convert.ToBase64String(pem)} | base64 -d > {file}");
        return file;
    }

    private bool TryAddIdentity(JsonObject entry, Requirement[] keyless)
    {
        var fulcio = keyless[0].Fulcio!;
        if (Array.Exists(keyless, r => r.Fulcio!.Ca != fulcio.Ca || r.Fulcio.Issuer != fulcio.Issuer || r.Fulcio.Email != fulcio.Email))
        {
            draft.Stricter(keyless[0].Path, "several people must have signed there (fulcio more than once); here one of a list: all of this scope is refused");
            return false;
        }

        entry["keyless"] = new JsonObject
        {
            ["trusted-root"] = TrustedRoot,
            ["identities"] = new JsonArray(new JsonObject { ["issuer"] = fulcio.Issuer, ["subject"] = fulcio.Email }),
        };
        return true;
    }

    private void NoteDifferences(Requirement requirement)
    {
        draft.Looser(
            requirement.Path,
            $"the name in a signature is not compared here (there: {requirement.Identity}): a signature counts in the repository where it is found, "
                + "and a tag can be pointed to any image that was signed there");
        if (requirement.Fulcio is not null)
        {
            draft.ToDo(
                requirement.Path,
                $"make {TrustedRoot} of the CA of fulcio and the key of the transparency log, and of nothing else (cosign trusted-root create)");
        }
        else if (requirement.Rekor is { } rekor)
        {
            draft.Looser(requirement.Path, $"with keys no proof of the transparency log is asked for here (there: {rekor})");
        }
    }
}
