namespace AuthzPlugin.Enforcement.Authorization;

/// <summary>Who called over a Unix socket, as the kernel says it (SO_PEERCRED). Never taken from anything that the caller sent.</summary>
/// <param name="Uid">Effective user id when the connection was made.</param>
/// <param name="Gid">Effective group id.</param>
/// <param name="Pid">Process id; the process may be gone by now, and its number be another's.</param>
/// <param name="UserName">As the host's user database names the uid; null when it does not.</param>
public sealed record CallerIdentity(uint Uid, uint Gid, int Pid, string? UserName);
