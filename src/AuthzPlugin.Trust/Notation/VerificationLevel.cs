using AuthzPlugin.Trust.Json;

namespace AuthzPlugin.Trust.Notation;

/// <summary>Reads <c>signatureVerification</c> of a statement: the level with what is overridden (trust-store-trust-policy.md).</summary>
internal static class VerificationLevel
{
    /// <summary>A statement of which only the level is filled in.</summary>
    /// <exception cref="FormatException">It breaks a rule; the message is half a sentence about the statement.</exception>
    internal static NotationStatement Read(JsonValue value)
    {
        StatementReader.RequireMembers(value, "signatureVerification", "level", "override", "verifyTimestamp");
        var statement = Of(value.Get("level").GetString());
        if (value.FindNotNull("override") is { } overridden)
        {
            foreach (var (name, action) in overridden.Members())
            {
                statement = With(statement, name.GetString(), action.GetString());
            }
        }

        return statement with { TimestampsAfterExpiryOnly = ReadOption(value) };
    }

    private static NotationStatement Of(string level)
    {
        var (others, logs) = level switch
        {
            "strict" => (NotationAction.Enforce, false),
            "permissive" => (NotationAction.Log, false),
            "audit" => (NotationAction.Log, true),
            "skip" => (NotationAction.Skip, false),
            _ => throw new FormatException($"the level is {level}, which is none of strict, permissive, audit and skip"),
        };
        return new NotationStatement
        {
            Name = "",
            Scopes = [],
            Level = level,
            LogsAuthenticity = logs,
            AuthenticTimestamp = others,
            Expiry = others,
            Revocation = others,
        };
    }

    private static NotationStatement With(NotationStatement statement, string check, string text)
    {
        NotationAction? action = text switch
        {
            "enforce" => NotationAction.Enforce,
            "log" => NotationAction.Log,
            "skip" when check == "revocation" => NotationAction.Skip,
            _ => null,
        };
        if (statement.IsSkipped || action is not { } known)
        {
            throw new FormatException(statement.IsSkipped ? "the level skip is overridden" : $"the override of {check} is {text}");
        }

        return check switch
        {
            "authenticity" => statement with { LogsAuthenticity = known == NotationAction.Log },
            "authenticTimestamp" => statement with { AuthenticTimestamp = known },
            "expiry" => statement with { Expiry = known },
            "revocation" => statement with { Revocation = known },
            _ => throw new FormatException($"{check} is overridden, which cannot be"),
        };
    }

    private static bool ReadOption(JsonValue value) => value.FindNotNull("verifyTimestamp")?.GetString() switch
    {
        null or "" or "always" => false,
        "afterCertExpiry" => true,
        var other => throw new FormatException($"verifyTimestamp is {other}, which is neither always nor afterCertExpiry"),
    };
}
