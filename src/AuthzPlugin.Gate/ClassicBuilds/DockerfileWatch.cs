using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>What is to be done with an entry.</summary>
internal enum EntryUse
{
    /// <summary>It goes on as it is.</summary>
    Pass,

    /// <summary>It is the Dockerfile: its content is decided and pinned.</summary>
    Dockerfile,

    /// <summary>It is the Dockerfile unless one with a capital letter follows.</summary>
    FallBack,
}

/// <summary>
/// Follows the entries of a context and knows which one the engine will read as the Dockerfile after it has unpacked them all: later
/// entries replace earlier ones, links are followed, and without a <c>Dockerfile</c> the engine takes a <c>dockerfile</c>.
/// </summary>
internal sealed class DockerfileWatch
{
    /// <summary>Most symbolic links that are remembered, and most characters of their names together.</summary>
    public const int MaxLinks = 200_000;

    private const int MaxLinkCharacters = 32 * 1024 * 1024;
    private const string Default = "Dockerfile";
    private const string FallBack = "dockerfile";

    private readonly string _path;
    private readonly bool _hasFallBack;
    private readonly HashSet<string> _links = new(StringComparer.Ordinal);
    private int _linkCharacters;
    private bool _seen;
    private bool _fallBackSeen;
    private Exception? _fallBackProblem;

    /// <param name="name">The request's parameter <c>dockerfile</c>, one byte in each character; empty for the default.</param>
    /// <exception cref="ContextException">The name cannot be followed.</exception>
    public DockerfileWatch(string name)
    {
        _hasFallBack = name is "" or Default;
        _path = _hasFallBack ? Default : ContextPath.Clean(name);
        if (_path.Length == 0 || _path.Any(c => c is < ' ' or '\\'))
        {
            throw new ContextException("has no Dockerfile by the name that the request gives");
        }
    }

    /// <summary>What messages call it.</summary>
    public string Shown => UntrustedText.Escape(_path);

    /// <exception cref="ContextException">Which file the engine would read is no longer certain, or not the one that was decided.</exception>
    public EntryUse Look(ContextEntry entry)
    {
        foreach (var folder in _links.Count == 0 ? [] : ContextPath.FoldersAbove(entry.Path))
        {
            if (_links.Contains(folder))
            {
                throw new ContextException($"writes {UntrustedText.Escape(entry.Path)} through the symbolic link {UntrustedText.Escape(folder)}");
            }
        }

        if (entry.Kind == EntryKind.SymbolicLink)
        {
            Remember(entry.Path);
        }

        if (ContextPath.IsAbove(entry.Path, _path) && entry.Kind != EntryKind.Folder)
        {
            throw new ContextException($"has a {Name(entry.Kind)} in place of a folder above {Shown}");
        }

        if (entry.Path == _path)
        {
            return LookAtDockerfile(entry);
        }

        return _hasFallBack && entry.Path == FallBack ? LookAtFallBack(entry) : EntryUse.Pass;
    }

    /// <summary>The fallback's content is refused; that matters only if no capital one follows.</summary>
    public void FallBackRefused(BuildRefusedException problem) => _fallBackProblem ??= problem;

    /// <exception cref="ContextException">Nothing was seen that the engine would read.</exception>
    /// <exception cref="BuildRefusedException">The engine would read the fallback, and that is refused.</exception>
    public void End()
    {
        if (_seen || (_fallBackSeen && _fallBackProblem is null))
        {
            return;
        }

        throw _fallBackProblem ?? new ContextException($"has no {Shown}");
    }

    private EntryUse LookAtDockerfile(ContextEntry entry)
    {
        if (_seen)
        {
            throw new ContextException($"has {Shown} twice");
        }

        if (entry.Kind != EntryKind.File)
        {
            throw new ContextException($"has {Shown} as a {Name(entry.Kind)}, not as a file; name the file itself with -f");
        }

        if (entry.HasPaxSize)
        {
            throw new ContextException($"has {Shown} with its size in an extended header");
        }

        _seen = true;
        return EntryUse.Dockerfile;
    }

    private EntryUse LookAtFallBack(ContextEntry entry)
    {
        if (_seen)
        {
            return EntryUse.Pass;
        }

        if (_fallBackSeen || entry.Kind != EntryKind.File || entry.HasPaxSize)
        {
            _fallBackProblem = new ContextException($"has no {Shown}, and {FallBack} twice or not as a file");
        }

        _fallBackSeen = true;
        return _fallBackProblem is null ? EntryUse.FallBack : EntryUse.Pass;
    }

    private void Remember(string link)
    {
        _linkCharacters = checked(_linkCharacters + link.Length);
        if (_links.Count == MaxLinks || _linkCharacters > MaxLinkCharacters)
        {
            throw new ContextException($"has more than {MaxLinks} symbolic links, or very long ones; leave some out with .dockerignore");
        }

        _links.Add(link);
    }

    private static string Name(EntryKind kind) => kind switch
    {
        EntryKind.SymbolicLink => "symbolic link",
        EntryKind.HardLink => "hard link",
        EntryKind.Folder => "folder",
        EntryKind.GlobalHeader => "header",
        EntryKind.Special => "device",
        _ => "file",
    };
}
