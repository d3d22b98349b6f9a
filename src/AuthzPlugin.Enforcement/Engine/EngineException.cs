namespace AuthzPlugin.Enforcement.Engine;

/// <summary>The ways asking the engine fails.</summary>
public enum EngineFault
{
    /// <summary>Its socket is absent, refuses, or breaks off.</summary>
    Unreachable,

    /// <summary>It answered with an error that none of our requests should meet.</summary>
    Failed,

    /// <summary>Its answer is not what this API promises, or two answers contradict each other.</summary>
    Unclear,

    /// <summary>The registry behind <c>/distribution</c> wants a login.</summary>
    RegistryLoginNeeded,

    /// <summary>The registry behind <c>/distribution</c> could not be asked.</summary>
    RegistryUnreachable,
}

/// <summary>The engine could not tell what was asked. The message is half a sentence, fit for a user.</summary>
public sealed class EngineException(EngineFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public EngineFault Fault { get; } = fault;
}
