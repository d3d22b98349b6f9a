using AuthzPlugin.Enforcement.Audit;

namespace AuthzPlugin.Enforcement.Tests.Audit;

public sealed class RefusalReportTests
{
    private static AuditRead Line(string answer, string? image, string reason, string time = "2026-06-01T12:00:00.000Z", long? repeated = null) => new()
    {
        Answer = answer,
        Image = image,
        Reason = reason,
        Time = time,
        Method = "POST",
        Uri = "/v1.41/build?t=x",
        Message = reason + " " + time,
        Repeated = repeated,
    };

    [Fact]
    public void Refusals_are_grouped_by_image_and_reason_and_counted_with_floods()
    {
        var groups = RefusalReport.From(
        [
            Line("would-deny", "a:1", "not-signed"),
            Line("allow", "b:1", "signed"),
            Line("deny", "a:1", "not-signed", "2026-06-02T12:00:00.000Z", repeated: 7),
            Line("report", "c", "not-pinned"),
            Line("deny", null, "refused-by-policy"),
            Line("deny", "a:1", "not-pinned"),
        ]);

        Assert.Equal(
            [("a:1", "not-signed", 8L), ("POST /v1.41/build", "refused-by-policy", 1), ("a:1", "not-pinned", 1), ("c", "not-pinned", 1)],
            groups.Select(g => (g.What, g.Reason, g.Count)));
        Assert.Equal("not-signed 2026-06-02T12:00:00.000Z", groups[0].Message);
    }

    [Fact]
    public void Repositories_that_a_pin_might_admit_are_named_once()
    {
        var groups = RefusalReport.From(
        [
            Line("deny", "a:1", "not-pinned") with { Repository = "registry.example.com/a" },
            Line("deny", "a:2", "not-pinned") with { Repository = "registry.example.com/a" },
            Line("deny", "b:1", "wrong-root-key") with { Repository = "registry.example.com/b" },
            Line("deny", "c:1", "not-signed") with { Repository = "registry.example.com/c" },
            Line("deny", null, "not-pinned"),
        ]);
        Assert.Equal(["registry.example.com/a", "registry.example.com/b"], RefusalGroup.Pinnable(groups).Order());
    }

    [Fact]
    public void What_passed_by_an_exception_is_counted_by_itself_and_once_for_each_question()
    {
        AuditRead[] lines =
        [
            Line("allow", "a:1", "excepted") with { Outcome = "excepted", Phase = "request" },
            Line("allow", "a:1", "excepted") with { Outcome = "excepted", Phase = "response" },
            Line("allow", "a:1", "excepted") with { Outcome = "excepted", Phase = "unasked-start" },
            Line("allow", "a:1", "signed") with { Outcome = "trusted", Phase = "request" },
        ];

        Assert.Empty(RefusalReport.From(lines));
        Assert.Equal([("a:1", "excepted", 2L)], RefusalReport.Excepted(lines).Select(g => (g.What, g.Reason, g.Count)));
    }

    [Theory]
    [InlineData("all", 3)]
    [InlineData("since", 2)]
    [InlineData("until", 1)]
    [InlineData("image", 1)]
    [InlineData("repository", 1)]
    [InlineData("outcome", 1)]
    [InlineData("user", 1)]
    public void A_filter_takes_what_was_asked_for(string row, int taken)
    {
        AuditRead[] lines =
        [
            new() { Time = "2026-06-01T12:00:00.000Z", Image = "app:1", Outcome = "trusted" },
            new() { Time = "2026-06-02T12:00:00.000Z", Repository = "registry.example.com/app", Outcome = "refused" },
            new() { Time = "2026-06-03T12:00:00.000Z", User = "alice" },
        ];
        var noon = new DateTimeOffset(2026, 6, 2, 12, 0, 0, TimeSpan.Zero);
        var filter = row switch
        {
            "since" => new AuditFilter { Since = noon },
            "until" => new AuditFilter { Until = noon },
            "image" => new AuditFilter { Image = "app:" },
            "repository" => new AuditFilter { Image = "example.com" },
            "outcome" => new AuditFilter { Outcome = "refused" },
            "user" => new AuditFilter { User = "alice" },
            _ => new AuditFilter(),
        };
        Assert.Equal(taken, lines.Count(filter.Takes));
    }
}
