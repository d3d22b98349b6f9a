using AuthzPlugin.Gate.Dockerfiles;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>Which of a Dockerfile's images a build needs: BuildKit passes over stages that nothing leads to. Pure.</summary>
internal static class ReachedImages
{
    /// <param name="target">A stage's name or number; null for the last.</param>
    /// <param name="isReplaced">Whether something else stands in for an image or stage of that name.</param>
    public static IEnumerable<ImageUse> Of(DockerfileReading file, string? target, Func<string, bool> isReplaced)
    {
        var reached = Stages(file, target, isReplaced);
        return file.Images.Where(use => !isReplaced(use.Reference)
            && reached.Contains(StageAt(file, use.Line))
            && (use.Kind == ImageUseKind.From || Index(file.Stages, use.Reference) < 0));
    }

    private static HashSet<int> Stages(DockerfileReading file, string? target, Func<string, bool> isReplaced)
    {
        var reached = new HashSet<int>();
        var next = new Stack<int>();
        var first = string.IsNullOrEmpty(target) ? file.Stages.Count - 1 : Index(file.Stages, target);
        next.Push(first < 0 ? file.Stages.Count - 1 : first);
        while (next.TryPop(out var stage))
        {
            if (stage < 0 || (file.Stages[stage].Name is { } name && isReplaced(name)) || !reached.Add(stage))
            {
                continue;
            }

            next.Push(Index(file.Stages.Take(stage).ToList(), file.Stages[stage].Base));
            foreach (var use in file.StageUses.Where(u => StageAt(file, u.Line) == stage && !isReplaced(u.Stage)))
            {
                next.Push(Index(file.Stages, use.Stage));
            }

            // A later stage may be named before it is there.
            foreach (var use in file.Images.Where(u => u.Kind != ImageUseKind.From && StageAt(file, u.Line) == stage && !isReplaced(u.Reference)))
            {
                next.Push(Index(file.Stages, use.Reference));
            }
        }

        return reached;
    }

    private static int StageAt(DockerfileReading file, int line) => file.Stages.TakeWhile(s => s.Line <= line).Count() - 1;

    private static int Index(IReadOnlyList<BuildStage> stages, string name)
    {
        for (var i = stages.Count - 1; i >= 0; i--)
        {
            if (string.Equals(stages[i].Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return int.TryParse(name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            && number < stages.Count ? number : -1;
    }
}
