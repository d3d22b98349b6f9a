namespace AuthzPlugin.Bypass.Tests.Running;

/// <summary>What a step of a case does.</summary>
public enum StepKind
{
    /// <summary>One raw request on a connection of its own; waits for the answer.</summary>
    Send,

    /// <summary>Sends the first bytes of a request and keeps the connection.</summary>
    Open,

    /// <summary>Sends more bytes on a kept connection and waits for the answer.</summary>
    More,

    /// <summary>A shell script with the docker command line tool and curl; its exit code does not matter.</summary>
    Shell,

    /// <summary>Starts a container in the ordinary way.</summary>
    Start,

    /// <summary>Milliseconds to wait, when the policy is enforced; without it there is nothing to wait for.</summary>
    Wait,

    /// <summary>Lanes of raw requests that run at the same time, over and over.</summary>
    Race,
}

/// <summary>One step.</summary>
/// <param name="Before">It happens before the policy is enforced: what an attacker finds, not what he does.</param>
/// <param name="Argument">The connection's name, the container, the milliseconds or the number of tries.</param>
/// <param name="Blocks">Its text; for a race, the requests of each lane.</param>
public sealed record AttackStep(StepKind Kind, bool Before, string Argument, IReadOnlyList<IReadOnlyList<string>> Blocks)
{
    public string Text => Blocks[0][0];
}

/// <summary>One attack: steps of a caller who may use the engine's API, and what must never come of them.</summary>
/// <param name="Class">The file it stands in.</param>
/// <param name="Never">What must not happen; see <see cref="Evidence"/>.</param>
/// <param name="WorksOn">Engines on which it succeeds without the plugin; empty: all.</param>
/// <param name="Policy">Members of the policy that differ from the common one, as JSON.</param>
public sealed record AttackCase(
    string Class, string Name, string Never, IReadOnlyList<string> WorksOn, string Policy, IReadOnlyList<AttackStep> Steps)
{
    public string Id => $"{Class}: {Name}";
}
