namespace AuthzPlugin.Proof;

/// <summary>A parser under test.</summary>
/// <param name="Seeds">Good inputs.</param>
/// <param name="Run">Null when all is well, otherwise what is wrong. An exception is wrong as well.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Seeds, Func<byte[], string?> Run);
