using System.Text.Json;
using System.Text.RegularExpressions;
using AuthzPlugin.Enforcement.Credentials;
using AuthzPlugin.Enforcement.Policy;
using AuthzPlugin.Enforcement.Settings;
using AuthzPlugin.Testing.Documents;

namespace AuthzPlugin.Tests.Documents;

/// <summary>JSON of the documents, given to the reader that the program has for it.</summary>
internal static partial class JsonExample
{
    private static readonly string AnyId = string.Concat(Enumerable.Repeat("0123456789abcdef", 4));

    public static async Task CheckAsync(Block block)
    {
        var text = Placeholder().Replace(block.Text, $"\"{AnyId}\"");
        JsonElement root;
        try
        {
            root = JsonDocument.Parse(text).RootElement;
        }
        catch (JsonException e)
        {
            Assert.Fail($"{block}: {e.Message}");
            throw;
        }

        if (!block.Has("other"))
        {
            await CheckAsync(block, root, text);
        }
    }

    private static async Task CheckAsync(Block block, JsonElement root, string text)
    {
        Assert.True(root.ValueKind == JsonValueKind.Object, $"{block}: not an object");
        var members = root.EnumerateObject().Select(m => m.Name).ToHashSet();
        if (members.Overlaps(["v", "seq", "prev"]))
        {
            Assert.Empty(AuditSchema.Problems(root).Select(p => $"{block}: {p}"));
        }
        else if (members.Overlaps(["mode", "trust-pinning", "builder", "content-trust", "authorization-plugins"]))
        {
            await WithFileAsync(text, path =>
            {
                CheckPolicy(block, PolicyLoader.LoadOne(path));
                return Task.CompletedTask;
            });
        }
        else if (members.Overlaps(["auths", "credHelpers", "credsStore"]))
        {
            await WithFileAsync(text, path => CheckLoginsAsync(block, root, path));
        }
        else
        {
            await WithFileAsync(text, path =>
            {
                var loaded = SettingsLoader.Load(new SettingsSources(path, true, new Dictionary<string, string>(), []));
                Assert.Empty(loaded.Problems.Select(p => $"{block}: {p.Path}: {p.Found}"));
                return Task.CompletedTask;
            });
        }
    }

    private static void CheckPolicy(Block block, PolicyLoadResult result)
    {
        if (block.Has("wrong"))
        {
            Assert.NotEmpty(result.Problems);
            return;
        }

        Assert.Empty(result.Problems.Select(p => $"{block}: {p.Path}: {p.Found}; legal: {p.Legal}"));
        Assert.NotNull(result.Policy);
        if (block.Has("warns"))
        {
            Assert.NotEmpty(result.Warnings);
        }
        else
        {
            Assert.Empty(result.Warnings.Select(p => $"{block}: {p.Path}: {p.Found}"));
        }
    }

    private static async Task CheckLoginsAsync(Block block, JsonElement root, string path)
    {
        var file = await DockerConfigFile.ReadAsync(path, 1 << 20, CancellationToken.None);
        if (root.TryGetProperty("auths", out var auths))
        {
            Assert.All(auths.EnumerateObject(), login => Assert.True(file!.AuthFor(login.Name, login.Name) is not null, $"{block}: there is no login for {login.Name}"));
        }
    }

    private static async Task WithFileAsync(string text, Func<string, Task> use)
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, text);
            await use(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [GeneratedRegex("\"<[^>\"]+>\"")]
    private static partial Regex Placeholder();
}
