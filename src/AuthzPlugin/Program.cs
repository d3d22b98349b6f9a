using System.CommandLine;
using AuthzPlugin.Commands;
using AuthzPlugin.Hosting;

var root = new RootCommand("content-trust: lets stock Docker Engine run only images that pinned keys signed.")
{
    ServeCommand.Create(),
    CheckConfigCommand.Create(),
    StatusCommand.Create(),
    CacheCommand.Create(),
};
var parse = root.Parse(args);
var code = await parse.InvokeAsync().ConfigureAwait(false);
return parse.Errors.Count > 0 ? ExitCodes.Usage : code;
