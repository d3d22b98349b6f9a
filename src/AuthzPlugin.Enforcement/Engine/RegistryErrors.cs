using System.Net;

namespace AuthzPlugin.Enforcement.Engine;

/// <summary>
/// What the engine's <c>/distribution</c> errors mean. Engines up to 20.10 wrap most registry errors into status 500 or 403,
/// so the registry's own words are read too (error codes of the OCI distribution specification).
/// </summary>
internal static class RegistryErrors
{
    private static readonly string[] NotFoundWords = ["manifest unknown", "name unknown", "not found"];

    private static readonly string[] LoginWords =
        ["unauthorized", "authentication required", "no basic auth credentials", "access to the resource is denied", "requested access"];

    public static bool IsNotFound(EngineAnswer answer) =>
        !NeedsLogin(answer) && (answer.Status == HttpStatusCode.NotFound || Says(answer, NotFoundWords));

    public static EngineException ToException(EngineAnswer answer) => NeedsLogin(answer)
        ? new EngineException(EngineFault.RegistryLoginNeeded, "the registry asks for a login")
        : new EngineException(EngineFault.RegistryUnreachable, $"the registry could not be asked: {answer.ErrorMessage()}");

    private static bool NeedsLogin(EngineAnswer answer) => answer.Status == HttpStatusCode.Unauthorized || Says(answer, LoginWords);

    private static bool Says(EngineAnswer answer, string[] words) =>
        words.Any(word => answer.ErrorMessage().Contains(word, StringComparison.OrdinalIgnoreCase));
}
