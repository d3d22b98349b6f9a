using AuthzPlugin.Enforcement.Decisions;
using AuthzPlugin.Gate.Dockerfiles;
using AuthzPlugin.Trust.Errors;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>Asks whether an image is signed, and as what.</summary>
internal delegate Task<Decision> BaseDecider(string reference, CancellationToken cancellation);

/// <summary>The ONBUILD triggers of an image that is named by its signed digest; the engine has it afterwards.</summary>
/// <exception cref="BuildRefusedException">The engine cannot get or show it.</exception>
internal delegate Task<IReadOnlyList<string>> TriggerSource(string reference, CancellationToken cancellation);

/// <summary>
/// Decides every external image of a Dockerfile and writes its signed digest in its place. Stages and <c>scratch</c> are free. What the
/// engine gets names no image in any other way.
/// </summary>
internal sealed class PinnedDockerfile(DockerfileOptions options, string shownName, BaseDecider decide, TriggerSource triggers)
{
    private readonly Dictionary<string, Decision> _decided = new(StringComparer.Ordinal);

    /// <summary>The images that were decided trusted, each once.</summary>
    public IReadOnlyCollection<Decision> Bases => _decided.Values;

    /// <exception cref="BuildRefusedException">An image is not trusted, or the file cannot be read with certainty.</exception>
    public async Task<byte[]> PinAsync(ReadOnlyMemory<byte> file, CancellationToken cancellation)
    {
        _decided.Clear();
        var reading = DockerfileReader.Read(file.Span, options);
        if (reading.Problem is { } problem)
        {
            throw Unreadable(problem);
        }

        var replacements = new List<Replacement>(reading.Literals);
        foreach (var use in reading.Images)
        {
            var signed = await SignedAsync(use, cancellation).ConfigureAwait(false);
            replacements.Add(new Replacement(use.Place, signed));
            if (use.Kind == ImageUseKind.From)
            {
                await CheckTriggersAsync(use, signed, reading.Stages, cancellation).ConfigureAwait(false);
            }
        }

        var pinned = DockerfileRewriter.Apply(file.Span, replacements);
        Verify(pinned, reading.Stages.Count);
        return pinned;
    }

    private async Task<string> SignedAsync(ImageUse use, CancellationToken cancellation)
    {
        if (!_decided.TryGetValue(use.Reference, out var decision))
        {
            decision = await decide(use.Reference, cancellation).ConfigureAwait(false);
            if (!decision.IsTrusted)
            {
                throw new BuildRefusedException(decision with { Message = $"{shownName}:{use.Line}: {decision.Message}" });
            }

            _decided.Add(use.Reference, decision);
        }

        return $"{decision.Repository}@{decision.SignedDigest}";
    }

    /// <summary>The engine executes the triggers of a base as if they stood in the file, so they may name no image either.</summary>
    private async Task CheckTriggersAsync(ImageUse use, string signed, IReadOnlyList<BuildStage> stages, CancellationToken cancellation)
    {
        var earlier = stages.Where(s => s.Line < use.Line && s.Name is not null).Select(s => s.Name!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var trigger in await triggers(signed, cancellation).ConfigureAwait(false))
        {
            if (OnBuildTrigger.FindProblem(trigger, earlier) is { } problem)
            {
                throw Refused(use.Line, $"{UntrustedText.Escape(use.Reference)} has an ONBUILD trigger that {problem}; build from an image without it");
            }
        }
    }

    /// <summary>What is forwarded is read once more: every image in it must be one that was decided.</summary>
    private void Verify(byte[] pinned, int stages)
    {
        var signed = _decided.Values.Select(d => $"{d.Repository}@{d.SignedDigest}").ToHashSet(StringComparer.Ordinal);
        var reading = DockerfileReader.Read(pinned, options);
        if (reading.Problem is not null
            || reading.Stages.Count != stages
            || reading.Literals.Count > 0
            || reading.Images.Any(i => !signed.Contains(i.Reference)))
        {
            throw Refused(0, "cannot be pinned: with the signed digests in it, it would be read differently; write its FROM lines plainly");
        }
    }

    private BuildRefusedException Unreadable(DockerfileProblem problem) =>
        Refused(problem.Line, problem.Text + (problem.Text.Contains("; ", StringComparison.Ordinal) ? "" : "; correct the line"));

    private BuildRefusedException Refused(int line, string problem) =>
        new(BuildDecisions.Ambiguous($"{shownName}{(line == 0 ? "" : $":{line}:")} {problem}"));
}
