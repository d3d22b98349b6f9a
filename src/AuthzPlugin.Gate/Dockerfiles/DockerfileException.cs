namespace AuthzPlugin.Gate.Dockerfiles;

/// <summary>Carries a <see cref="DockerfileProblem"/> to <see cref="DockerfileReader"/>, which answers it as a value.</summary>
internal sealed class DockerfileException(int line, string problem) : Exception(problem)
{
    public DockerfileProblem Problem { get; } = new(line, problem);
}
