namespace AuthzPlugin.Enforcement.Metrics;

/// <summary>The label values of one series, in the order of the metric's labels. A value type: looking a series up must not allocate.</summary>
internal readonly record struct SeriesKey(string? First, string? Second, string? Third, string? Fourth, string? Fifth)
{
    /// <param name="labels">At most five.</param>
    public static SeriesKey Of(IReadOnlyList<string> labels, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        new(Find(labels, 0, tags), Find(labels, 1, tags), Find(labels, 2, tags), Find(labels, 3, tags), Find(labels, 4, tags));

    public string this[int index] => index switch
    {
        0 => First,
        1 => Second,
        2 => Third,
        3 => Fourth,
        _ => Fifth,
    } ?? "";

    private static string? Find(IReadOnlyList<string> labels, int index, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (index >= labels.Count)
        {
            return null;
        }

        foreach (var tag in tags)
        {
            if (tag.Key == labels[index])
            {
                return tag.Value as string;
            }
        }

        return null;
    }
}
