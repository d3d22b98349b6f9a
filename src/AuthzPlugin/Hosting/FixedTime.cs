namespace AuthzPlugin.Hosting;

/// <summary>A clock that shows one time, for <c>verify --at</c>. Timers run as ever.</summary>
internal sealed class FixedTime(DateTimeOffset at) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => at;
}
