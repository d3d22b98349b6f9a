namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>The build context cannot be read with certainty. The message is half a sentence about it, untrusted text in it escaped.</summary>
internal sealed class ContextException(string problem) : Exception(problem);
