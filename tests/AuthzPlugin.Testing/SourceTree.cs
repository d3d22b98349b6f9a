namespace AuthzPlugin.Testing;

/// <summary>Files of this source tree that tests compare with the code.</summary>
public static class SourceTree
{
    private static readonly string Root = FindRoot();

    public static string PathOf(string name) => Path.Combine(Root, name);

    public static string Read(string name) => File.ReadAllText(PathOf(name));

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "AuthzPlugin.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException("the tests do not run inside the source tree");
    }
}
