using AuthzPlugin.Gate.BuildKit.Protocol;
using Google.Protobuf;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>Reads BuildKit's graphs of operations.</summary>
internal static class Definitions
{
    /// <summary>Nested builds inside builds.</summary>
    private const int MaxDepth = 4;

    /// <summary>What the sources in these graphs are called. What cannot be read is passed over: the engine refuses it, and its policy does not.</summary>
    public static IEnumerable<string> Sources(IEnumerable<Definition?> definitions) =>
        definitions.Where(d => d is not null).SelectMany(d => Sources(d!, MaxDepth)).Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> Sources(Definition definition, int depth)
    {
        foreach (var op in definition.Def.Select(Read))
        {
            if (op?.Source is { } source)
            {
                yield return source.Identifier;
            }

            foreach (var inner in op?.Build?.Def is { } build && depth > 0 ? Sources(build, depth - 1) : [])
            {
                yield return inner;
            }
        }
    }

    private static Op? Read(ByteString bytes)
    {
        try
        {
            return Op.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
