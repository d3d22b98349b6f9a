namespace AuthzPlugin.Hosting;

/// <summary>Exit codes of every command (sysexits(3) where one fits).</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>The service refused what was asked; it said why.</summary>
    public const int Failed = 1;

    /// <summary>The evidence could not be had (<c>verify</c>, <c>explain</c>).</summary>
    public const int Undecided = 2;

    /// <summary>The command line is wrong (EX_USAGE).</summary>
    public const int Usage = 64;

    /// <summary>The service does not answer (EX_UNAVAILABLE).</summary>
    public const int Unavailable = 69;

    /// <summary>The daemon cannot start: a socket, folder or file is not usable (EX_CANTCREAT).</summary>
    public const int CannotStart = 73;

    /// <summary>The policy or the settings have problems (EX_CONFIG).</summary>
    public const int BadConfiguration = 78;
}
