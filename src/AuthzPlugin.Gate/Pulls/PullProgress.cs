using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using AuthzPlugin.Enforcement.Engine;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Gate.Pulls;

/// <summary>
/// The engine's progress of a pull by digest, told as that of the pull by tag that the user asked for: the lines that name the digest name
/// the tag, and before the last word the tag is set. Every other line passes byte for byte.
/// </summary>
/// <param name="setTag">Called once, when the engine has the image; returns what went wrong, or null, and whether the tag is new or moved.</param>
internal sealed class PullProgress(string tag, Digest digest, Func<CancellationToken, Task<TagResult>> setTag)
{
    /// <summary>A longer line is no progress message of an engine and passes as it is.</summary>
    private const int MaxLineBytes = 64 * 1024;

    private const string UpToDate = "Status: Image is up to date for ";
    private const string Newer = "Status: Downloaded newer image for ";

    private bool _failed;
    private bool _tagged;

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> RewriteAsync(Stream engine, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var line = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(MaxLineBytes);
        try
        {
            int read;
            while ((read = await engine.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
            {
                line.Write(buffer, 0, read);
                await foreach (var whole in TakeLinesAsync(line, cancellation).ConfigureAwait(false))
                {
                    yield return whole;
                }
            }

            if (line.Length > 0)
            {
                yield return await RewriteLineAsync(line.ToArray(), cancellation).ConfigureAwait(false);
            }

            if (!_failed && !_tagged && await TagAsync(cancellation).ConfigureAwait(false) is { Problem: { } problem })
            {
                yield return ErrorLine(problem);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> TakeLinesAsync(MemoryStream pending, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var bytes = pending.ToArray();
        var start = 0;
        int end;
        while ((end = Array.IndexOf(bytes, (byte)'\n', start)) >= 0)
        {
            yield return await RewriteLineAsync(bytes.AsMemory(start, end + 1 - start), cancellation).ConfigureAwait(false);
            start = end + 1;
        }

        if (bytes.Length - start > MaxLineBytes)
        {
            yield return bytes.AsMemory(start);
            start = bytes.Length;
        }

        pending.SetLength(0);
        pending.Write(bytes, start, bytes.Length - start);
    }

    private async Task<ReadOnlyMemory<byte>> RewriteLineAsync(ReadOnlyMemory<byte> line, CancellationToken cancellation)
    {
        if (Read(line) is not { } message)
        {
            return line;
        }

        _failed |= message.Error is not null;
        var status = message.Status ?? "";
        if (status.StartsWith("Pulling from ", StringComparison.Ordinal) && message.Id is { } id && id.EndsWith(digest.ToString(), StringComparison.Ordinal))
        {
            // Of a pull by tag it is the tag alone.
            return Replace(line, $"\"id\":\"{id}\"", $"\"id\":\"{tag}\"");
        }

        if (_failed || _tagged || !status.StartsWith("Status: ", StringComparison.Ordinal))
        {
            return line;
        }

        var result = await TagAsync(cancellation).ConfigureAwait(false);
        return result.Problem is { } problem ? ErrorLine(problem)
            : Replace(result.IsNew ? Replace(line, UpToDate, Newer) : line, $"@{digest}\"", $":{tag}\"");
    }

    private Task<TagResult> TagAsync(CancellationToken cancellation)
    {
        _tagged = true;
        return setTag(cancellation);
    }

    private static ProgressLine? Read(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line.Span, ProgressJson.Default.ProgressLine);
        }
        catch (JsonException)
        {
            // Not ours to repair.
            return null;
        }
    }

    private static ReadOnlyMemory<byte> Replace(ReadOnlyMemory<byte> line, string old, string @new) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(line.Span).Replace(old, @new, StringComparison.Ordinal));

    private static byte[] ErrorLine(string problem)
    {
        var line = new ProgressLine { ErrorDetail = new EngineError { Message = problem }, Error = problem };
        return [.. JsonSerializer.SerializeToUtf8Bytes(line, ProgressJson.Default.ProgressLine), (byte)'\r', (byte)'\n'];
    }
}

/// <summary>What came of setting a tag.</summary>
/// <param name="Problem">The engine's sentence why it was not set; null when it was.</param>
/// <param name="IsNew">The engine had no such tag, or it meant another image.</param>
internal sealed record TagResult(string? Problem, bool IsNew);
