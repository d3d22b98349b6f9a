using System.CommandLine;
using AuthzPlugin.Commands;
using AuthzPlugin.Hosting;

var root = new RootCommand("content-trust: lets stock Docker Engine run only images that pinned keys signed.")
{
    ServeCommand.Create(),
    CheckConfigCommand.Create(),
};
var parse = root.Parse(args);

// The daemon handles its signals itself; the library would end it after two seconds, in the middle of answers.
var code = await parse.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }).ConfigureAwait(false);
return parse.Errors.Count > 0 ? ExitCodes.Usage : code;
