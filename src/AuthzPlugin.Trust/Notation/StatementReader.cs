using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Notation;

/// <summary>Reads a statement of a trust policy with all rules of trust-store-trust-policy.md ("Trust Policy Constraints").</summary>
internal static class StatementReader
{
    private const string SubjectPrefix = "x509.subject";

    /// <exception cref="FormatException">It breaks a rule; the message is half a sentence about the file.</exception>
    internal static NotationStatement Read(JsonValue item)
    {
        RequireMembers(item, "a statement", "name", "registryScopes", "signatureVerification", "trustStores", "trustedIdentities");
        var name = item.Get("name").GetString();
        if (name.Length == 0)
        {
            throw new FormatException("has a statement without a name");
        }

        try
        {
            return Read(item, name);
        }
        catch (FormatException e)
        {
            throw new FormatException($"has the statement {name}, in which {e.Message}", e);
        }
    }

    internal static void RequireMembers(JsonValue value, string what, params string[] known)
    {
        foreach (var (name, _) in value.Members())
        {
            if (!known.Contains(name.GetString()))
            {
                throw new FormatException($"has the member {name.GetString()} in {what}, which version 1.0 does not have");
            }
        }
    }

    private static NotationStatement Read(JsonValue item, string name)
    {
        var statement = VerificationLevel.Read(item.Get("signatureVerification")) with { Name = name, Scopes = ReadScopes(item.Get("registryScopes")) };
        var (stores, identities) = (Texts(item.FindNotNull("trustStores")), Texts(item.FindNotNull("trustedIdentities")));
        if (statement.IsSkipped)
        {
            return stores.Count + identities.Count == 0 && !statement.IsGlobal
                ? statement
                : throw new FormatException("the level is skip, which goes with no global scope, no trust store and no identity");
        }

        if (stores.Count == 0 || identities.Count == 0)
        {
            throw new FormatException("trustStores or trustedIdentities are missing");
        }

        return WithIdentities(statement with { Stores = [.. stores.Select(ReadStore)] }, identities);
    }

    private static List<string> ReadScopes(JsonValue value)
    {
        var scopes = Texts(value);
        if (scopes.Count == 0)
        {
            throw new FormatException("registryScopes is empty");
        }

        if (scopes.Contains("*") && scopes.Count > 1)
        {
            throw new FormatException("the scope * stands beside others");
        }

        return scopes.Find(s => s != "*" && !RegistryScope.IsValid(s)) is { } wrong
            ? throw new FormatException($"the registry scope {wrong} is no full repository such as registry.example.com/team/app")
            : scopes;
    }

    private static NotationStoreName ReadStore(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (kind, name) = colon < 0 ? (null, "") : (NotationStoreName.FindKind(text[..colon]), text[(colon + 1)..]);
        return kind is { } known && name.Length > 0 && name is not ("." or "..") && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-')
            ? new NotationStoreName(known, name)
            : throw new FormatException($"the trust store {text} is not written ca:NAME, signingAuthority:NAME or tsa:NAME");
    }

    private static NotationStatement WithIdentities(NotationStatement statement, List<string> identities)
    {
        if (identities is ["*"])
        {
            return statement;
        }

        var (subjects, texts, others) = (new List<DistinguishedName>(), new List<string>(), new List<string>());
        foreach (var identity in identities)
        {
            if (identity == "*")
            {
                throw new FormatException("the identity * stands beside others");
            }

            if (identity.Split(':', 2) is not [var prefix, { Length: > 0 } value])
            {
                throw new FormatException($"the identity {identity} is not written x509.subject: C=..., ST=..., O=...");
            }

            if (prefix != SubjectPrefix)
            {
                others.Add(identity);
                continue;
            }

            subjects.Add(Subject(identity, value));
            texts.Add(identity);
        }

        RequireApart(subjects, texts);
        return statement with { Subjects = subjects, Identities = [.. texts, .. others], OtherIdentities = others };
    }

    private static DistinguishedName Subject(string identity, string value)
    {
        try
        {
            return NotationIdentity.Parse(value);
        }
        catch (FormatException e)
        {
            throw new FormatException($"the identity {identity} {e.Message}", e);
        }
    }

    private static void RequireApart(List<DistinguishedName> subjects, List<string> texts)
    {
        for (var i = 0; i < subjects.Count; i++)
        {
            for (var j = 0; j < subjects.Count; j++)
            {
                if (i != j && subjects[i].IsSubsetOf(subjects[j]))
                {
                    throw new FormatException($"the identities {texts[i]} and {texts[j]} overlap");
                }
            }
        }
    }

    private static List<string> Texts(JsonValue? value)
    {
        var result = new List<string>();
        if (value is { } list)
        {
            foreach (var item in list.Items())
            {
                result.Add(item.GetString());
            }
        }

        return result;
    }
}
