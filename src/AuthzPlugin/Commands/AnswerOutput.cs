using System.Text.Json;
using AuthzPlugin.Protocol;

namespace AuthzPlugin.Commands;

/// <summary>What the service says to an act of an administrator.</summary>
internal static class AnswerOutput
{
    public static void Write(TextWriter output, AdminAnswer answer, bool json) =>
        output.WriteLine(json ? JsonSerializer.Serialize(answer, AdminJson.Default.AdminAnswer) : answer.Message);
}
