namespace AuthzPlugin.Gate.Http2;

/// <summary>One line of a header block. Text is Latin-1: the bytes of the wire, one character each, so that what is passed on is what came.</summary>
internal readonly record struct HeaderField(string Name, string Value);
