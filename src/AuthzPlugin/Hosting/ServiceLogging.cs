using Microsoft.Extensions.Logging.Console;

namespace AuthzPlugin.Hosting;

/// <summary>Logging to standard error, one line an event; in journald's priority form when systemd starts us.</summary>
internal static class ServiceLogging
{
    public static ILoggerFactory Create()
    {
        var toJournal = Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not null;
        return LoggerFactory.Create(builder =>
        {
            builder.SetMinimumLevel(LogLevel.Information);
            builder.AddFilter("Microsoft", LogLevel.Warning);
            if (toJournal)
            {
                builder.AddSystemdConsole();
            }
            else
            {
                builder.AddSimpleConsole(o =>
                {
                    o.SingleLine = true;
                    o.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fffK ";
                    o.ColorBehavior = LoggerColorBehavior.Disabled;
                    o.UseUtcTimestamp = true;
                });
            }
        });
    }
}
