using AuthzPlugin.Enforcement.Authorization;

namespace AuthzPlugin.Enforcement.Tests.Authorization;

public sealed class NameGateTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task What_may_last_long_keeps_names_still_no_longer_than_its_limit()
    {
        var gate = new NameGate(TimeProvider.System, TimeSpan.FromMinutes(1));
        _ = await gate.EnterAsync(GateSide.StartByName, CancellationToken.None, TimeSpan.FromSeconds(0.3));
        var change = gate.EnterAsync(GateSide.ChangeNames, CancellationToken.None);
        Assert.False(change.IsCompleted);
        (await change.WaitAsync(Soon)).Dispose();
    }

    [Fact]
    public async Task A_limit_above_the_budget_is_the_budget()
    {
        var gate = new NameGate(TimeProvider.System, TimeSpan.FromSeconds(0.3));
        _ = await gate.EnterAsync(GateSide.StartByName, CancellationToken.None, TimeSpan.FromMinutes(1));
        (await gate.EnterAsync(GateSide.ChangeNames, CancellationToken.None).WaitAsync(Soon)).Dispose();
    }
}
