using System.Net;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>What tests expect of answers; a failure shows the whole answer.</summary>
public static class Expectations
{
    private const string Denied = "authorization denied by plugin content-trust: ";

    public static CommandResult ShouldSucceed(this CommandResult result, params string[] texts)
    {
        Assert.True(result.Succeeded, $"this should have succeeded: {result}");
        return result.ShouldSay(texts);
    }

    /// <summary>Refused by the plugin, in one line that says every text.</summary>
    public static CommandResult ShouldBeRefused(this CommandResult result, params string[] texts)
    {
        Assert.False(result.Succeeded, $"this should have been refused: {result}");
        var line = result.Text.Split('\n').FirstOrDefault(l => l.Contains(Denied, StringComparison.Ordinal));
        Assert.True(line is not null, $"this should have been refused by the plugin: {result}");
        Assert.All(texts, text => Assert.True(line.Contains(text, StringComparison.Ordinal), $"the refusal should say \"{text}\": {line}"));
        return result;
    }

    public static CommandResult ShouldSay(this CommandResult result, params string[] texts)
    {
        Assert.All(texts, text => Assert.True(result.Text.Contains(text, StringComparison.Ordinal), $"this should say \"{text}\": {result}"));
        return result;
    }

    public static ApiAnswer ShouldSucceed(this ApiAnswer answer)
    {
        Assert.True(answer.Succeeded, $"this should have succeeded: {answer}");
        return answer;
    }

    public static ApiAnswer ShouldBeRefused(this ApiAnswer answer, params string[] texts)
    {
        Assert.True(answer.Status == HttpStatusCode.Forbidden, $"this should have been refused: {answer}");
        Assert.All(
            texts.Append(Denied),
            text => Assert.True(answer.Message.Contains(text, StringComparison.Ordinal), $"the refusal should say \"{text}\": {answer}"));
        return answer;
    }

    /// <summary>Exactly one record fits; a failure shows all of them.</summary>
    public static AuditEntry ShouldHaveOne(this IReadOnlyList<AuditEntry> records, string what, Func<AuditEntry, bool> fits)
    {
        var found = records.Where(fits).ToArray();
        Assert.True(found.Length == 1, $"there should be one audit record of {what}, and there are {found.Length} among\n{string.Join('\n', records)}");
        return found[0];
    }
}
