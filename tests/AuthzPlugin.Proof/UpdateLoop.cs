namespace AuthzPlugin.Proof;

/// <summary>
/// Updates one repository for ever and says which digest of tag 1 it has stored, until somebody kills it. It begins at a line on standard
/// input, so that its start does not take time from the killing.
/// </summary>
internal static class UpdateLoop
{
    internal static async Task<int> RunAsync(Uri server, string folder, string repository, string pin)
    {
        await using var client = new Client(server, folder, pin);
        await using var output = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
        await output.WriteLineAsync("ready");
        if (await Console.In.ReadLineAsync() is null)
        {
            return 0;
        }

        while (true)
        {
            var signed = await client.GetAsync(repository);
            await output.WriteLineAsync(signed.Tags.FindTag("1")?.Digest.Hex ?? "none");
        }
    }
}
