namespace AuthzPlugin.Enforcement.Credentials;

/// <summary>
/// The credentials file or a credential helper cannot be used. The message is half a sentence without secrets, fit for a user.
/// </summary>
public sealed class CredentialsException(string message, Exception? inner = null) : Exception(message, inner);
