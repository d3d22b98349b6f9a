namespace AuthzPlugin.Enforcement.Import;

/// <summary>What a difference between the file and the printed stanza means.</summary>
public enum ImportEffect
{
    /// <summary>The stanza admits something that the file refuses, or may: it must be read before it is used.</summary>
    Looser,

    /// <summary>The stanza refuses something that the file admits.</summary>
    Stricter,

    /// <summary>Something has to be done before the stanza works.</summary>
    ToDo,

    /// <summary>The file says it and nothing here needs it.</summary>
    NotUsed,
}

/// <summary>One thing that has no equivalent, or that is not the same here. One line, fit to print.</summary>
/// <param name="Path">JSON path in the file.</param>
public sealed record ImportNote(ImportEffect Effect, string Path, string Text)
{
    public override string ToString() => $"{Word}: {Path}: {Text}";

    /// <summary><c>looser</c>, <c>stricter</c>, <c>to-do</c> or <c>not-used</c>.</summary>
    public string Word => Effect switch
    {
        ImportEffect.Looser => "looser",
        ImportEffect.Stricter => "stricter",
        ImportEffect.ToDo => "to-do",
        _ => "not-used",
    };
}
