using AuthzPlugin.Floor;

// floor SOCKET [--inspect ENGINE-SOCKET PATH] [--record FILE]
if (FloorOptions.TryParse(args) is not { } options)
{
    await Console.Error.WriteLineAsync("usage: floor SOCKET [--inspect ENGINE-SOCKET PATH] [--record FILE]");
    return 64;
}

await using var server = FloorServer.Create(options);
await server.RunAsync();
return 0;
