using System.Globalization;
using AuthzPlugin.Testing.Metadata;

namespace AuthzPlugin.Testing.Notary;

/// <summary>Published states as files, as they would lie in a client's cache: <c>FOLDER/REPOSITORY/0001/targets/releases.json</c>.</summary>
internal static class StateDump
{
    public static void Write(string folder, TestRepository repository, PublishedMetadata published)
    {
        var home = Path.Combine(folder, repository.Repository.Name.Replace(':', '_'));
        var state = NextState(home);
        foreach (var (role, file) in published.Files)
        {
            Write(state, role, file);
        }

        foreach (var (version, file) in published.Roots)
        {
            Write(state, $"{version}.root", file);
        }
    }

    private static string NextState(string home)
    {
        Directory.CreateDirectory(home);
        for (var number = Directory.GetDirectories(home, "????").Length + 1; ; number++)
        {
            var state = Path.Combine(home, number.ToString("0000", CultureInfo.InvariantCulture));
            if (!Directory.Exists(state))
            {
                return Directory.CreateDirectory(state).FullName;
            }
        }
    }

    private static void Write(string state, string name, byte[] file)
    {
        var path = Path.Combine(state, name + ".json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, file);
    }
}
