using System.Text;
using AuthzPlugin.Gate.ClassicBuilds;

namespace AuthzPlugin.Gate.Tests.ClassicBuilds;

/// <summary>Which image the engine says it built.</summary>
public sealed class AnswersOfBuilds
{
    private static readonly string One = "sha256:" + new string('1', 64);
    private static readonly string Two = "sha256:" + new string('2', 64);

    public static TheoryData<string, string, string?> Answers => new()
    {
        { "plain", $"{Step}{Aux(One)}{Done}", One },
        { "several stages: the last", $"{Aux(One)}{Step}{Aux(Two)}{Done}", Two },
        { "no line end", $"{Step}{Aux(One)}{Done}".TrimEnd(), One },
        { "failed", $"{Aux(One)}{Step}{{\"errorDetail\":{{\"message\":\"x\"}},\"error\":\"x\"}}\r\n", null },
        { "printed by a step", $"{{\"stream\":\"{{\\\"aux\\\":{{\\\"ID\\\":\\\"{Two}\\\"}}}}\\n\"}}\r\n{Done}", null },
        { "printed by a step after the image", $"{Aux(One)}{{\"stream\":\"\\n{{\\\"aux\\\":{{\\\"ID\\\":\\\"{Two}\\\"}}}}\\n\"}}\r\n", One },
        { "quiet", $"{{\"stream\":\"{One}\\n\"}}\r\n", One },
        { "quiet, but not alone", $"{{\"stream\":\"{One}\\n\"}}\r\n{Step}", null },
        { "an id by a step", $"{Step}{{\"stream\":\"{One}\\n\"}}\r\n", null },
        { "other aux", "{\"aux\":{\"Tag\":\"x\",\"ID\":\"" + One + "\"}}\r\n", null },
        { "aux that is no id", "{\"aux\":{\"ID\":\"sha256:12\"}}\r\n", null },
        { "not JSON", $"{Aux(One)}oops\r\n", null },
        { "not an object", $"{Aux(One)}[1]\r\n", null },
        { "cut", Aux(One)[..40], null },
        { "too long a line", $"{Aux(One)}{{\"stream\":\"{new string('x', BuildOutput.MaxMessage)}\"}}\r\n", null },
        { "nothing", "", null },
    };

    private static string Step => "{\"stream\":\"Step 1/2 : FROM x\"}\r\n{\"stream\":\"\\n\"}\r\n";

    private static string Done => "{\"stream\":\"Successfully built 111111111111\\n\"}\r\n";

    [Theory]
    [MemberData(nameof(Answers))]
    public void Only_the_engines_own_message_names_it(string name, string answer, string? expected)
    {
        foreach (var piece in new[] { 1, 7, 1 << 20 })
        {
            var output = new BuildOutput();
            foreach (var part in Encoding.UTF8.GetBytes(answer).Chunk(piece))
            {
                output.Feed(part);
            }

            Assert.Equal((name, expected), (name, output.ImageId?.ToString()));
        }
    }

    private static string Aux(string id) => $"{{\"aux\":{{\"ID\":\"{id}\"}}}}\r\n";
}
