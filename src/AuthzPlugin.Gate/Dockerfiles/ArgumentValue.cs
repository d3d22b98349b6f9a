namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>The value of a build argument, or why it cannot be told. Exactly one is not null.</summary>
internal sealed record ArgumentValue(string? Text, string? Problem)
{
    public static ArgumentValue Of(string text) => new(text, null);

    public static ArgumentValue Unresolvable(string problem) => new(null, problem);
}
