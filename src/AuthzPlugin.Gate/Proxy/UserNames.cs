using System.Globalization;

namespace AuthzPlugin.Gate.Proxy;

/// <summary>
/// Names of users in the host's file of users: informational, the uid is what counts. Directory services are not asked: one that does
/// not answer would keep every command waiting.
/// </summary>
/// <param name="file">In the form of passwd(5).</param>
internal sealed class UserNames(string file, TimeProvider time)
{
    public const string DefaultFile = "/etc/passwd";

    /// <summary>Largest file that is read, in bytes.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan KeepFor = TimeSpan.FromSeconds(30);

    private volatile Known _known = new(new Dictionary<uint, string>(), DateTimeOffset.MinValue);

    /// <summary>Null when the file does not name it.</summary>
    public string? Find(uint uid)
    {
        var known = _known;
        var now = time.GetUtcNow();
        if (now - known.At > KeepFor)
        {
            _known = known = new Known(Read(), now);
        }

        return known.Names.GetValueOrDefault(uid);
    }

    private Dictionary<uint, string> Read()
    {
        const int UidField = 2;
        var names = new Dictionary<uint, string>();
        try
        {
            if (new FileInfo(file) is not { Exists: true, Length: <= MaxBytes })
            {
                return names;
            }

            foreach (var fields in File.ReadLines(file).Select(line => line.Split(':')))
            {
                if (fields.Length > UidField && uint.TryParse(fields[UidField], NumberStyles.None, CultureInfo.InvariantCulture, out var uid))
                {
                    names.TryAdd(uid, fields[0]);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without names the uid tells as much.
            return names;
        }

        return names;
    }

    private sealed record Known(Dictionary<uint, string> Names, DateTimeOffset At);
}
