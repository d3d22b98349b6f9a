using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Enforcement.Signatures;

/// <summary>
/// That a manifest did not name a configuration, for seconds: an image of another content under a covered name is not a question to the
/// registry at each decision. That one does is not remembered here. Safe for concurrent use.
/// </summary>
internal sealed class UnshownContent(TimeSpan life, TimeProvider time)
{
    private readonly RecentAnswers<Key, Answer> _answers = new(time);

    /// <param name="reference">A tag, or a digest with its algorithm, which is no tag.</param>
    public ConfigAnswer? Find(RepositoryName repository, string reference, Digest config) =>
        _answers.Find(new Key(repository, reference, config)) is { } known && _answers.IsWithin(known.At, life)
            ? new ConfigAnswer(known.Manifest, NamesConfig: false, FromCache: true)
            : null;

    /// <param name="at">When the registry was asked.</param>
    public void Keep(RepositoryName repository, string reference, Digest config, ConfigAnswer answer, DateTimeOffset at)
    {
        var key = new Key(repository, reference, config);
        if (answer.NamesConfig)
        {
            _answers.Forget(key);
        }
        else
        {
            _answers.Keep(key, new Answer(answer.Manifest, at));
        }
    }

    private sealed record Key(RepositoryName Repository, string Reference, Digest Config);

    private sealed record Answer(Digest? Manifest, DateTimeOffset At);
}
