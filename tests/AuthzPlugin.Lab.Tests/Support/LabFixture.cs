using System.Text.Json.Nodes;

namespace AuthzPlugin.Lab.Tests.Support;

[CollectionDefinition(LabFixture.Collection)]
public sealed class LabDefinition : ICollectionFixture<LabFixture>;

/// <summary>
/// One real engine, registry and Notary server for all tests, with the real product in front of the engine. Every test begins from
/// the same state: no containers, the plugin alone in the chain, and the policy of <see cref="Stanza"/>.
/// </summary>
#pragma warning disable CA1001 // xunit calls IAsyncLifetime.DisposeAsync.
public sealed class LabFixture : IAsyncLifetime
#pragma warning restore CA1001
{
    public const string Collection = "lab";

    private static readonly TimeSpan TestLimit = TimeSpan.FromMinutes(4);
    private static readonly string[] Alone = ["content-trust"];

    private LabFolder? _folder;
    private LabPlugin? _plugin;
    private EngineApi? _engine;
    private JsonObject _stanza = [];
    private string[] _chain = [];
    private string _rootKey = "";

    public LabPlugin Plugin => _plugin!;

    public EngineApi Engine => _engine!;

    public IReadOnlyDictionary<string, string> Env => _folder!.Env;

    /// <summary>
    /// Where callers under enforcement connect to: the engine's socket, or with <c>LAB_GATE=1</c> in the environment the gate's.
    /// What prepares and looks goes past the gate.
    /// </summary>
    public string ClientSocket => Plugin.GateSocket ?? Env["LAB_ENGINE_SOCKET"];

    /// <summary>Whether the engine resolves a tag once more after it was decided: then a container is made from a digest only.</summary>
    public bool ResolvesTagsTwice => Env["LAB_ENGINE"] == "26.1-containerd";

    public string Registry => Env["LAB_REGISTRY"];

    public string LoginRegistry => Env["LAB_LOGIN_REGISTRY"];

    /// <summary>Ours, for files of tests.</summary>
    public string Root => _folder!.Root;

    /// <summary>Canonical id of the root key that signs every repository of the lab.</summary>
    public string RootKey => _rootKey;

    /// <summary>Enforced; the lab's root key is pinned for both registries; everything else is as without a word about it.</summary>
    public JsonObject Stanza => new()
    {
        ["mode"] = "enforced",
        ["trust-pinning"] = new JsonObject
        {
            ["root-keys"] = new JsonObject { [$"{Registry}/lab/*"] = new JsonArray(_rootKey), [$"{LoginRegistry}/lab/*"] = new JsonArray(_rootKey) },
        },
        ["trust-servers"] = new JsonObject { [Registry] = Env["LAB_NOTARY"], [LoginRegistry] = Env["LAB_NOTARY"] },
    };

    public async Task InitializeAsync()
    {
        _folder = await LabFolder.UpAsync();
        try
        {
            _engine = new EngineApi(Env["LAB_ENGINE_SOCKET"]);
            _plugin = new LabPlugin(Env, Path.Combine(_folder.Root, "plugin"));
            await this.SignedAsync("first", "1");
            _rootKey = await LabAsync("root-key-id", $"{Registry}/lab/first");
            await Plugin.WriteDaemonJsonAsync(Alone, Stanza);
            (_stanza, _chain) = (Stanza, Alone);
            await Plugin.StartAsync();
            await LabAsync("hup");
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async Task DisposeAsync()
    {
        _engine?.Dispose();
        if (_plugin is not null)
        {
            await _plugin.DisposeAsync();
        }

        if (_folder is not null)
        {
            await _folder.DisposeAsync();
        }
    }

    /// <summary>
    /// Runs a test from the common state, within a time limit. What it throws is thrown again with the end of the plugin's log and
    /// audit log in the message.
    /// </summary>
    public async Task TestAsync(Func<Task> test)
    {
        try
        {
            await ResetAsync().WaitAsync(TestLimit);
            Plugin.AuditLog.Mark();
            Plugin.Log.Mark();
            await test().WaitAsync(TestLimit);
        }
#pragma warning disable CA1031 // Every failure is passed on, with what is needed to understand it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw new LabException($"{e.GetType().Name}: {e.Message}\n-- plugin log\n{Plugin.Log.Tail(15)}\n-- audit log\n{Plugin.AuditLog.Tail(6)}\n--", e);
        }
    }

    public Task<string> LabAsync(string verb, params string[] arguments) => _folder!.LabAsync(verb, arguments);

    /// <summary>The docker command line tool, as the lab's owner.</summary>
    public Task<CommandResult> DockerAsync(params string[] arguments) => Command.RunAsync(
        Env["LAB_DOCKER"],
        arguments,
        new Dictionary<string, string>
        {
            ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOME"] = Root,
            ["DOCKER_HOST"] = Env["DOCKER_HOST"],
            ["DOCKER_CONFIG"] = Env["DOCKER_CONFIG"],
        });

    /// <summary><c>docker run --rm</c> of an image's own command, or of another one.</summary>
    public Task<CommandResult> RunAsync(string image, params string[] command) =>
        DockerAsync(["run", "--rm", "--network", "none", image, .. command]);

    /// <summary>The common policy, changed; in force when this returns.</summary>
    public async Task WithPolicyAsync(Action<JsonObject> change)
    {
        var stanza = Stanza;
        change(stanza);
        await UseAsync(stanza);
    }

    /// <summary>The engine asks these plugins, in this order.</summary>
    public async Task WithChainAsync(params string[] chain)
    {
        _chain = chain;
        await Plugin.WriteDaemonJsonAsync(chain, _stanza);
        await LabAsync("hup");
    }

    /// <summary>Writes the stanza and tells nobody.</summary>
    public async Task WriteStanzaAsync(JsonObject stanza)
    {
        _stanza = stanza;
        await Plugin.WriteDaemonJsonAsync(_chain, stanza);
    }

    private async Task UseAsync(JsonObject stanza)
    {
        // What the log says next may still be about a reload that was under way before.
        const int Tries = 5;
        await WriteStanzaAsync(stanza);
        var reload = "";
        for (var i = 0; i < Tries && !reload.Contains($"mode {stanza["mode"]}", StringComparison.Ordinal); i++)
        {
            reload = await Plugin.ReloadAsync();
        }

        if (!reload.Contains($"mode {stanza["mode"]}", StringComparison.Ordinal) || reload.Contains("refused", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"the policy was not taken: {reload}");
        }
    }

    private async Task ResetAsync()
    {
        if (!Plugin.Runs || Plugin.Extra.Length > 0)
        {
            await Plugin.RestartAsync();
        }

        if (!_chain.SequenceEqual(Alone))
        {
            await WithChainAsync(Alone);
        }

        if (!JsonNode.DeepEquals(_stanza, Stanza))
        {
            await UseAsync(Stanza);
        }

        foreach (var (id, _) in await Engine.ContainersAsync())
        {
            await Engine.RemoveAsync(id);
        }
    }
}

/// <summary>A failed test, with the logs that explain it.</summary>
public sealed class LabException(string message, Exception inner) : Exception(message, inner);
