namespace AuthzPlugin.Lab.Tests.Support;

/// <summary>A file that another process appends to, read from a mark on.</summary>
public sealed class GrowingFile(string path)
{
    private long _mark;

    public string Path { get; } = path;

    /// <summary>What is there now is old.</summary>
    public void Mark() => _mark = Length;

    public string[] Lines => ReadFrom(_mark);

    /// <summary>The last lines, old or new.</summary>
    public string Tail(int lines) => string.Join('\n', ReadFrom(0).TakeLast(lines));

    private long Length => File.Exists(Path) ? new FileInfo(Path).Length : 0;

    // The last line may be written just now: it counts when its end is there.
    private string[] ReadFrom(long position)
    {
        if (!File.Exists(Path))
        {
            return [];
        }

        using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = Math.Min(position, file.Length);
        using var reader = new StreamReader(file);
        var text = reader.ReadToEnd();
        var end = text.LastIndexOf('\n');
        return end < 0 ? [] : text[..end].Split('\n');
    }
}
