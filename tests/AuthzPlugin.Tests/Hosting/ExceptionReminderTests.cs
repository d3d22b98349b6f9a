using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Hosting;
using AuthzPlugin.Testing.Time;
using AuthzPlugin.Trust.References;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Tests.Hosting;

public sealed class ExceptionReminderTests : ILogger
{
    private readonly ManualTimeProvider _time = new();
    private readonly List<string> _said = [];

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _said.Add(formatter(state, exception));

    private TrustPolicy Policy(TimeSpan left, char fingerprint = '1')
    {
        Assert.True(Digest.TryFromHex(new string('a', 64), out var digest));
        var rule = new ExceptionRule { Digest = digest, Reason = "OPS-1", Expires = _time.GetUtcNow() + left, Source = "daemon.json", Path = "exceptions[0]" };
        return TrustPolicy.WithoutStanza with { Fingerprint = new string(fingerprint, 64), Exceptions = new ExceptionList([rule]) };
    }

    [Fact]
    public void What_ends_soon_is_said_at_once_each_day_and_at_the_end()
    {
        var reminder = new ExceptionReminder(_time, this);
        var policy = Policy(TimeSpan.FromDays(2.5));

        Assert.False(reminder.Look(policy));
        Assert.False(reminder.Look(policy));
        Assert.Contains("that ends", Assert.Single(_said), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.False(reminder.Look(policy));
        Assert.Equal(2, _said.Count);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.False(reminder.Look(policy));
        _time.Advance(TimeSpan.FromDays(0.5));
        Assert.True(reminder.Look(policy));
        Assert.False(reminder.Look(policy));
        Assert.Equal(4, _said.Count);
        Assert.Contains("has no effect", _said[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_ends_later_is_said_by_nobody_and_a_new_policy_at_once()
    {
        var reminder = new ExceptionReminder(_time, this);

        Assert.False(reminder.Look(null));
        Assert.False(reminder.Look(Policy(TimeSpan.FromDays(8))));
        _time.Advance(TimeSpan.FromDays(0.9));
        Assert.Empty(_said);
        Assert.False(reminder.Look(Policy(TimeSpan.Zero, '2')));
        Assert.Contains("has no effect", Assert.Single(_said), StringComparison.Ordinal);
    }
}
