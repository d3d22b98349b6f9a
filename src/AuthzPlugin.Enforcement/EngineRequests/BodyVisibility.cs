using System.Collections.Frozen;
using System.Globalization;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.EngineRequests;

/// <summary>
/// Whether the plugin sees of a body what the engine will use of it (rules R3 and R4, engine-authz.md 1.7 and 2.2).
/// <para>
/// R4: handlers that read <c>r.Form</c> take parameters from a form in the body as well, and prefer them to the query. The engine
/// never shows such a body. So no form may be possible; each of these proves it:
/// a JSON body that was shown (the engine shows one only when the <i>first</i> Content-Type, the one it uses itself, is JSON);
/// <c>Content-Length: 0</c>; no Content-Type header at all (Go then reads no form; a plugin sees the last of repeated headers,
/// so a Content-Type that is there proves nothing, an absent one does). <c>curl -X POST</c> sends neither header.
/// </para>
/// <para>
/// Tar streams of official clients have a Content-Type: those of <see cref="TarTypes"/> are accepted. A forged second header could
/// hide a form there; all that it can change is which image is loaded, imported or built, and content is decided at create and start.
/// </para>
/// </summary>
internal static class BodyVisibility
{
    private const int ShownBelow = 1 << 20; // 1.7; 4 MiB from 29.3.1 on, which refuses larger ones itself

    private static readonly FrozenSet<string> TarTypes = FrozenSet.Create(
        StringComparer.Ordinal,
        "application/x-tar", "application/tar", "application/octet-stream", "text/plain", "application/gzip", "application/x-gzip");

    /// <summary>Half a sentence about the request with the next step, or null when enough is visible.</summary>
    /// <param name="takesTar">A tar stream belongs to this very request.</param>
    public static string? Problem(AuthZRequest request, DecidedBy decidedBy, bool takesTar)
    {
        if (decidedBy == DecidedBy.PathOnly || !request.Body.IsEmpty)
        {
            return null;
        }

        return !TryHeader(request, "Content-Length", out var length) || !TryHeader(request, "Content-Type", out var type)
            ? "has a header twice; send it once"
            : decidedBy == DecidedBy.Body ? WithheldJson(length, type)
            : HiddenForm(length, type, takesTar);
    }

    private static string WithheldJson(string? length, string? type)
    {
        if (length == "0")
        {
            return "has no body, and everything it asks for belongs there; send a JSON body";
        }

        if (type != "application/json" && type?.StartsWith("application/json;", StringComparison.Ordinal) != true)
        {
            return $"has a body that is not sent as JSON ({UntrustedText.Escape(type ?? "no Content-Type")}), "
                + "which the engine does not show to plugins; send it with Content-Type: application/json";
        }

        return long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes >= ShownBelow
            ? $"has a body of {bytes} bytes, and this engine shows plugins only bodies under 1 MiB; "
                + "make it smaller (labels, environment), or update the engine to 29.3.1 or later"
            : "has a body that the engine does not show to plugins; send it with its Content-Length to a plain path, or update the engine";
    }

    private static string? HiddenForm(string? length, string? type, bool takesTar)
    {
        if (length == "0" || type is null || (takesTar && TarTypes.Contains(type)))
        {
            return null;
        }

        return takesTar
            ? $"has a body of type {UntrustedText.Escape(type)}, in which parameters could hide; send it with Content-Type: application/x-tar"
            : "may have a body that the engine does not show to plugins, in which parameters could hide; send it with Content-Length: 0";
    }

    // False when two spellings of the name are there, which the engine never sends: header names arrive in canonical form.
    private static bool TryHeader(AuthZRequest request, string name, out string? value)
    {
        value = null;
        var found = 0;
        foreach (var header in request.Headers.Where(h => string.Equals(h.Key, name, StringComparison.OrdinalIgnoreCase)))
        {
            value = header.Value;
            found++;
        }

        return found < 2;
    }
}
