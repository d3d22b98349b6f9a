using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AuthzPlugin.Enforcement.Files;
using Microsoft.Extensions.Logging;

namespace AuthzPlugin.Enforcement.Approvals;

/// <summary>
/// A folder of small JSON files, one per key (64 lower-case hex digits), each whole after SIGKILL: the old or the new one.
/// </summary>
internal sealed class StateFolder<T>(string path, JsonTypeInfo<T> type, ILogger logger)
    where T : class
{
    private const int MaxFileBytes = 64 * 1024;
    private const string Extension = ".json";

    /// <summary>Every readable file; one that is damaged or cannot be read is set aside as <c>*.damaged</c> and named in the log.</summary>
    public IReadOnlyList<KeyValuePair<string, T>> Load()
    {
        DurableFile.CreateDirectory(path);
        DeleteLeftovers();
        var result = new List<KeyValuePair<string, T>>();
        foreach (var file in Directory.EnumerateFiles(path, "*" + Extension))
        {
            if (Read(file) is { } value)
            {
                result.Add(new(Path.GetFileNameWithoutExtension(file), value));
            }
            else
            {
                Log.StateFileDamaged(logger, file);
                File.Move(file, file + ".damaged", overwrite: true);
            }
        }

        return result;
    }

    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    public void Write(string key, T value)
    {
        // Somebody may have emptied the state directory since the start.
        DurableFile.CreateDirectory(path);
        DurableFile.Write(FileOf(key), JsonSerializer.SerializeToUtf8Bytes(value, type));
    }

    public void Delete(string key) => DurableFile.Delete(FileOf(key));

    private void DeleteLeftovers()
    {
        foreach (var leftover in Directory.EnumerateFiles(path, "*" + DurableFile.TemporarySuffix))
        {
            File.Delete(leftover);
        }
    }

    private T? Read(string file)
    {
        try
        {
            return new FileInfo(file).Length <= MaxFileBytes ? JsonSerializer.Deserialize(File.ReadAllBytes(file), type) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            // One bad block must not keep the service, and with it the engine, from starting; what is lost is decided afresh.
            return null;
        }
    }

    private string FileOf(string key) => Path.Combine(path, key + Extension);
}
