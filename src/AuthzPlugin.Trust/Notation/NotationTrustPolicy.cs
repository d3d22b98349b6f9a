using System.Diagnostics.CodeAnalysis;
using AuthzPlugin.Trust.Json;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Trust.Notation;

/// <summary>
/// A trust policy for images, <c>trustpolicy.json</c> or <c>trustpolicy.oci.json</c> of version 1.0, as notation reads it. Read strictly: a
/// member that version 1.0 does not have is an error, since what is not understood would not be enforced.
/// </summary>
public sealed class NotationTrustPolicy
{
    private const int MaxDepth = 8;
    private const int MaxTokens = 64 * 1024;
    private const int MaxStatements = 1024;

    private readonly Dictionary<string, NotationStatement> _byScope;

    private NotationTrustPolicy(IReadOnlyList<NotationStatement> statements)
    {
        Statements = statements;
        _byScope = statements.SelectMany(s => s.Scopes.Select(scope => (scope, s))).ToDictionary(p => p.scope, p => p.s, StringComparer.Ordinal);
    }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<NotationStatement> Statements { get; }

    /// <param name="problem">Half a sentence about the file; text from it is not escaped.</param>
    public static bool TryRead(ReadOnlyMemory<byte> file, [NotNullWhen(true)] out NotationTrustPolicy? policy, [NotNullWhen(false)] out string? problem)
    {
        (policy, problem) = (null, null);
        try
        {
            policy = Read(StrictJson.Parse(file, MaxDepth, MaxTokens).Root);
            return true;
        }
        catch (FormatException e)
        {
            problem = e.Message;
            return false;
        }
    }

    /// <summary>The statement for a repository: the one that names it, else the global one, else none.</summary>
    public NotationStatement? Match(RepositoryName repository) => _byScope.GetValueOrDefault(repository.Name) ?? _byScope.GetValueOrDefault("*");

    private static NotationTrustPolicy Read(JsonValue root)
    {
        StatementReader.RequireMembers(root, "the file", "version", "trustPolicies");
        if (root.Get("version").GetString() is var version && version != "1.0")
        {
            throw new FormatException($"is of version {version}, and only 1.0 is known");
        }

        var statements = new List<NotationStatement>();
        foreach (var item in root.Get("trustPolicies").Items())
        {
            if (statements.Count == MaxStatements)
            {
                throw new FormatException($"has more than {MaxStatements} statements");
            }

            statements.Add(StatementReader.Read(item));
        }

        RequireUnique(statements);
        return new NotationTrustPolicy(statements);
    }

    private static void RequireUnique(List<NotationStatement> statements)
    {
        if (statements.Count == 0)
        {
            throw new FormatException("has no statement in trustPolicies");
        }

        var (names, scopes) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var statement in statements)
        {
            if (!names.Add(statement.Name))
            {
                throw new FormatException($"has two statements with the name {statement.Name}");
            }

            if (statement.Scopes.FirstOrDefault(s => !scopes.Add(s)) is { } twice)
            {
                throw new FormatException($"has the registry scope {twice} twice");
            }
        }
    }
}
