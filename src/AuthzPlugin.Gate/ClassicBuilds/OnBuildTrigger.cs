using System.Text;
using AuthzPlugin.Gate.Dockerfiles;

namespace AuthzPlugin.Gate.ClassicBuilds;

/// <summary>One instruction that an image wants executed when something is built from it.</summary>
internal static class OnBuildTrigger
{
    /// <summary>Null when it takes nothing from another image; otherwise what it does, half a sentence.</summary>
    /// <param name="stages">Names of the stages that are built by then.</param>
    public static string? FindProblem(string trigger, IReadOnlySet<string> stages)
    {
        // The engine reads it as a file of its own, so it could begin with a directive or have several lines.
        if (trigger.Length > DockerfileReader.MaxLength || trigger.AsSpan().ContainsAny('\n', '\r') || trigger.TrimStart().StartsWith('#'))
        {
            return "is not one plain instruction";
        }

        var reading = DockerfileReader.Read(Encoding.UTF8.GetBytes("FROM scratch\n" + trigger), DockerfileOptions.Of(BuilderKind.Classic));
        return reading.Problem is { } problem ? problem.Text
            : reading.Images.FirstOrDefault(i => !stages.Contains(i.Reference)) is { } image ? $"takes files from the image {Shown(image)}"
            : null;
    }

    private static string Shown(ImageUse image) => Trust.Errors.UntrustedText.Escape(image.Reference);
}
