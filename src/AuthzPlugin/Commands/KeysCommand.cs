using System.CommandLine;
using System.Text.Json;
using AuthzPlugin.Hosting;
using AuthzPlugin.Protocol;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.Inspection;
using AuthzPlugin.Trust.Metadata;

namespace AuthzPlugin.Commands;

/// <summary><c>content-trust keys</c>: the ids to pin, with the stanza to paste.</summary>
internal static class KeysCommand
{
    private const int MaxFileBytes = 5 * 1024 * 1024;

    public static Command Create()
    {
        var from = new Argument<string>("IMAGE|FILE") { Description = "an image, whose trust server is asked; or a root.json or certificate (PEM) in a file" };
        var json = new Option<bool>("--json") { Description = "as JSON" };
        var command = new GuidedCommand(
            "keys",
            "Show root key ids and certificate ids, with the lines to paste into the policy. A file needs no service and no network.",
            ["content-trust keys registry.example.com/team/app:1", "content-trust keys ~/.docker/trust/tuf/registry.example.com/team/app/metadata/root.json"],
            [(ExitCodes.Ok, "they are shown"), (ExitCodes.Failed, "there are none to show; it says why"), .. GuidedCommand.OfService])
        {
            from, json,
        };
        var settings = new SettingsOptions();
        settings.AddTo(command);
        command.SetAction((parse, _) =>
        {
            var text = parse.GetValue(from)!;
            return File.Exists(text)
                ? Task.FromResult(OfFile(parse, text, parse.GetValue(json)))
                : AdminClient.CallAsync(
                    parse, settings, HttpMethod.Get, "/keys?image=" + Uri.EscapeDataString(text), AdminJson.Default.KeysAnswer,
                    answer => Show(parse.InvocationConfiguration.Output, answer, parse.GetValue(json)));
        });
        return command;
    }

    private static int OfFile(ParseResult parse, string path, bool json)
    {
        try
        {
            if (new FileInfo(path).Length > MaxFileBytes)
            {
                throw new FormatException($"it has more than {MaxFileBytes} bytes");
            }

            var file = File.ReadAllBytes(path);
            var keys = file.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..]
                ? RootInspection.OfRootFile(file, MetadataLimits.Default)
                : [RootInspection.OfCertificates(file, MetadataLimits.Default)];
            Show(parse.InvocationConfiguration.Output, new KeysAnswer { Keys = [.. keys.Select(KeyAnswers.From)] }, json);
            return ExitCodes.Ok;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or RepositoryException)
        {
            parse.InvocationConfiguration.Error.WriteLine(
                $"content-trust: {UntrustedText.Escape(path)}: {UntrustedText.Escape(e.Message.TrimEnd('.'))}; name a root.json, or a certificate in PEM");
            return ExitCodes.Failed;
        }
    }

    private static void Show(TextWriter output, KeysAnswer answer, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(answer, AdminJson.Default.KeysAnswer));
            return;
        }

        foreach (var key in answer.Keys)
        {
            var repository = answer.Repository ?? key.CommonName;
            output.WriteLine($"root key id     {key.RootKeyId}{(key.Pinned == true ? "  (pinned)" : "")}");
            output.WriteLine($"certificate id  {key.CertificateId}");
            output.WriteLine($"issued to       {key.CommonName}, {key.Algorithm}, until {key.NotAfter:u}");
            output.WriteLine($"to pin it       \"trust-pinning\": {{ \"root-keys\": {{ \"{repository}\": [\"{key.RootKeyId}\"] }} }}");
        }

        if (answer.Server is not null)
        {
            output.WriteLine(
                $"These came from {answer.Server} over the network and prove nothing: compare them with the publisher's own word, by telephone or in person, before you pin them.");
        }
    }
}
