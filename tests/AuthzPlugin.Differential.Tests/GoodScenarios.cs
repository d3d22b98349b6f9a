using AuthzPlugin.Testing.Metadata;

namespace AuthzPlugin.Differential.Tests;

/// <summary>Histories of honest publishers.</summary>
internal static class GoodScenarios
{
    internal static IReadOnlyList<Scenario> All { get; } =
    [
        Good("one publication", 70, r => r.Publish()),
        Good("more tags", 6, r => r.Publish(), r =>
        {
            r.ShapeTags(r.Metadata.Targets, 2);
            r.Metadata.Targets.Version++;
            r.PublishNext();
        }),
        Good("a tag is taken back", 6, r => r.Publish(), r =>
        {
            r.Metadata.Targets.Tags.Remove(r.Metadata.Targets.Tags.Keys.First());
            r.Metadata.Targets.Version++;
            r.PublishNext();
        }),
        Good("nothing new", 3, r => r.Publish(), r => r.PublishNext()),
        Good("another timestamp key", 4, r => r.Publish(), r =>
        {
            r.Metadata.Timestamp.Keys = [TestKey.Ecdsa()];
            ResetSigners(r.Metadata.Timestamp);
            r.Metadata.RotateRoot(null);
            r.PublishNext();
        }),
        Good("other keys of targets and snapshot", 4, r => r.Publish(), r =>
        {
            r.Metadata.Targets.Keys = [r.NewRoleKey()];
            r.Metadata.Snapshot.Keys = [r.NewRoleKey()];
            ResetSigners(r.Metadata.Targets);
            ResetSigners(r.Metadata.Snapshot);
            r.Metadata.RotateRoot(null);
            r.PublishNext();
        }),
        Good("another root key", 5, r => r.Publish(), r => Rotate(r, 1)),
        Good("several root keys one after another", 5, r => r.Publish(), r => Rotate(r, 3)),
        Good("a history of roots that a new client does not see", 4, r =>
        {
            r.Metadata.PublishRoot();
            Rotate(r, 2);
        }),
        Good("a delegation comes and goes", 5, r => r.Publish(), r =>
        {
            r.NeedDelegation("targets/bob");
            r.Metadata.Targets.Version++;
            r.PublishNext();
        }, r =>
        {
            r.Metadata.Targets.Delegations.RemoveAll(d => d.Name == "targets/bob");
            r.Metadata.Targets.Version++;
            r.PublishNext();
        }),
        Good("another delegation is expired", 5, r =>
        {
            r.NeedDelegation("targets/bob").Expires = r.Metadata.Now.AddDays(-1);
            r.Publish();
        }),
        Good("another delegation is under-signed", 5, r =>
        {
            r.NeedDelegation("targets/bob").SignWith = [TestKey.Ecdsa()];
            r.Publish();
        }),
        Good("files in another layout", 4, r =>
        {
            r.Metadata.Targets.Corrupt = Layouts.Spread;
            r.Metadata.Snapshot.Corrupt = Layouts.Spread;
            r.Publish();
        }),
        Good("a file is delegated but not published", 4, r =>
        {
            r.NeedDelegation("targets/bob").Listed = false;
            r.Publish();
        }),
    ];

    internal static void ResetSigners(TestRole role)
    {
        role.SignWith = null;
        role.Threshold = 1;
    }

    /// <summary>New root keys, all of them pinned.</summary>
    internal static void Rotate(RandomRepository r, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var key = r.RootKey();
            r.Pins.Add(key.Id);
            r.Metadata.Root.Threshold = 1;
            r.Metadata.RotateRoot(key);
        }

        r.PublishNext();
    }

    private static Scenario Good(string name, int repeats, params Action<RandomRepository>[] steps) =>
        new(name, repeats, null, null, r => steps.Select(step =>
        {
            step(r);
            return true;
        }));
}
