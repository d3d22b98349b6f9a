using AuthzPlugin.Enforcement.Policy;

namespace AuthzPlugin.Enforcement.Settings;

/// <summary>The settings, or every problem at once; never both.</summary>
/// <param name="Settings">Null exactly when there are problems.</param>
public sealed record SettingsLoadResult(ServiceSettings? Settings, IReadOnlyList<PolicyProblem> Problems);
