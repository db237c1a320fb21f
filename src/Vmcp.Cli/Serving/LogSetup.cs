using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

using Vmcp.Config.Model;

namespace Vmcp.Cli.Serving;

/// <summary>Logs go to standard error: one line of text, or one JSON object, per entry.</summary>
internal static class LogSetup
{
    /// <summary>The level: debug when asked for, else the file's <c>operational.logLevel</c>, else information.</summary>
    public static LogLevel LevelOf(bool debug, LogLevelName? written) => debug ? LogLevel.Debug : written switch
    {
        LogLevelName.Debug => LogLevel.Debug,
        LogLevelName.Warn => LogLevel.Warning,
        LogLevelName.Error => LogLevel.Error,
        _ => LogLevel.Information,
    };

    /// <summary>Sets up a logging builder. The level is looked up for each entry, so that an edit of the file moves it.</summary>
    public static void Configure(ILoggingBuilder logging, Func<LogLevel> level, bool json, bool colours)
    {
        logging.ClearProviders().SetMinimumLevel(LogLevel.Trace);
        logging.AddFilter((category, entry) => entry >= FloorOf(category, level()));
        if (json)
        {
            logging.AddJsonConsole(o =>
            {
                o.UseUtcTimestamp = true;
                o.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            logging.AddSimpleConsole(o =>
            {
                o.SingleLine = true;
                o.UseUtcTimestamp = true;
                o.TimestampFormat = "HH:mm:ss ";
                o.ColorBehavior = colours ? LoggerColorBehavior.Enabled : LoggerColorBehavior.Disabled;
            });
        }

        logging.Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    /// <summary>The web server's own chatter helps only when one looks for trouble in it.</summary>
    private static LogLevel FloorOf(string? category, LogLevel level)
    {
        if (category?.StartsWith("Microsoft", StringComparison.Ordinal) != true)
            return level;
        return level == LogLevel.Debug ? LogLevel.Information : level > LogLevel.Warning ? level : LogLevel.Warning;
    }
}
