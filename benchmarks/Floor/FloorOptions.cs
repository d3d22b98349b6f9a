namespace AuthzPlugin.Floor;

/// <summary>What the floor does for each request, besides reading it.</summary>
/// <param name="Socket">Where it listens.</param>
public sealed record FloorOptions(string Socket)
{
    /// <summary>The engine's socket and the path that is asked there before the answer; null: nobody is asked.</summary>
    public (string Socket, string Path)? Inspect { get; init; }

    /// <summary>A file that gets one record, forced onto the disk, before the answer; null: nothing is written.</summary>
    public string? Record { get; init; }

    /// <summary>Null when these are not its arguments.</summary>
    public static FloorOptions? TryParse(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0)
        {
            return null;
        }

        var options = new FloorOptions(arguments[0]);
        for (var i = 1; i < arguments.Count;)
        {
            switch (arguments[i])
            {
                case "--inspect" when i + 2 < arguments.Count:
                    options = options with { Inspect = (arguments[i + 1], arguments[i + 2]) };
                    i += 3;
                    break;
                case "--record" when i + 1 < arguments.Count:
                    options = options with { Record = arguments[i + 1] };
                    i += 2;
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
