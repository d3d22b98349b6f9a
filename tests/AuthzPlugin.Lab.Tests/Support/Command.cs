using System.Diagnostics;

namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>What a finished command left.</summary>
public sealed record CommandResult(string Line, int ExitCode, string Output, string Errors, TimeSpan Took)
{
    /// <summary>Standard output and standard error, for looking for a text in either.</summary>
    public string Text => Output + Errors;

    public bool Succeeded => ExitCode == 0;

    public override string ToString() =>
        $"$ {Line}\nexit code {ExitCode} after {Took.TotalSeconds:0.0} s\n{Output.TrimEnd()}\n{Errors.TrimEnd()}".TrimEnd();
}

/// <summary>Runs a command to its end, within a time limit.</summary>
public static class Command
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <param name="environment">Replaces the whole environment.</param>
    public static async Task<CommandResult> RunAsync(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, TimeSpan? limit = null, string input = "")
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (environment is not null)
        {
            start.Environment.Clear();
            foreach (var (name, value) in environment)
            {
                start.Environment[name] = value;
            }
        }

        var line = string.Join(' ', [Path.GetFileName(file), .. start.ArgumentList]);
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        var end = Task.WhenAll(process.WaitForExitAsync(), output, errors);
        try
        {
            await end.WaitAsync(limit ?? Limit);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"this did not end in {(limit ?? Limit).TotalSeconds:0} s: {line}");
        }

        return new CommandResult(line, process.ExitCode, await output, await errors, clock.Elapsed);
    }
}
