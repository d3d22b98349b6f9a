using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Enforcement.TrustData.Refresh;

/// <summary>How an update ended.</summary>
/// <param name="Copy">
/// Verified data under the pin: the server's, or with a <paramref name="Problem"/> what the cache has; it may have expired.
/// </param>
/// <param name="Problem">Why the server did not confirm it; null when it did.</param>
/// <param name="WasAsked">False: the server is being left alone, and the problem is an earlier one.</param>
internal sealed record RefreshOutcome(RepositoryCopy? Copy, TrustException? Problem, bool WasAsked = true);
