using System.Text;
using AuthzPlugin.Gate.Dockerfiles;
using FsCheck;
using FsCheck.Fluent;

namespace AuthzPlugin.Gate.Tests.Dockerfiles;

/// <summary>
/// The reader against a model of the builders' own scanner (moby 20.10 and BuildKit, parser.go): it is simpler than the reader, knows no
/// refusal, and answers which instructions there are.
/// </summary>
public sealed class DockerfileProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(20_000);

    private static readonly string[] Pieces =
    [
        "FROM a", "FROM b AS c", "from ", "FROM $X", "ARG X=y", "ARG X", "RUN x", "COPY --from=d e f", "COPY --from=c e f", "ONBUILD COPY --from=g h i",
        "# escape=`", "# syntax=z", "# check=z", "# comment", "#", "\\", "`", " ", "\t", "\v", "\u00a0", "\u0085", "\r", "\n", "\n", "\n", "\r\n", "\\\n", "`\n", "\\ \n",
        "'", "\"", "$", "${", "}", "<<EOF", "EOF", "<", "--", "--platform=p ", "AS", "=", "FROM evil\n", "RUN --mount=type=bind,from=j k", "\ufeff", "\0", "\u00e9",
    ];

    private static Gen<string> Files =>
        from pieces in Gen.Elements(Pieces).ArrayOf(14)
        from count in Gen.Choose(1, 14)
        select "FROM base\n" + string.Concat(pieces.Take(count));

    [Fact]
    public void Whatever_is_accepted_has_the_instructions_that_builders_see() =>
        Prop.ForAll(Files.ToArbitrary(), text =>
        {
            var file = Encoding.UTF8.GetBytes(text);
            var reading = DockerfileReader.Read(file, DockerfileOptions.Of(BuilderKind.Classic));
            if (reading.Problem is not null)
            {
                return true;
            }

            var model = ScannerModel.Instructions(file);
            var froms = model.Count(i => ScannerModel.KeywordOf(i).Equals("from", StringComparison.OrdinalIgnoreCase));
            return froms == reading.Stages.Count;
        }).Check(Runs);

    [Fact]
    public void Whatever_is_accepted_can_be_pinned_and_is_read_the_same_again() =>
        Prop.ForAll(Files.ToArbitrary(), text =>
        {
            var file = Encoding.UTF8.GetBytes(text);
            foreach (var builder in Enum.GetValues<BuilderKind>())
            {
                var reading = DockerfileReader.Read(file, DockerfileOptions.Of(builder));
                if (reading.Problem is not null)
                {
                    continue;
                }

                var pinned = DockerfileRewriter.Apply(
                    file, [.. reading.Literals, .. reading.Images.Select(i => new Replacement(i.Place, "r.example.com/x@sha256:0"))]);
                var again = DockerfileReader.Read(pinned, DockerfileOptions.Of(builder));
                if (again.Problem is not null || again.Images.Any(i => i.Reference != "r.example.com/x@sha256:0") || again.Stages.Count != reading.Stages.Count)
                {
                    return false;
                }
            }

            return true;
        }).Check(Runs);

    [Fact]
    public void Any_bytes_are_answered() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            foreach (var builder in Enum.GetValues<BuilderKind>())
            {
                _ = DockerfileReader.Read(bytes, DockerfileOptions.Of(builder));
            }

            _ = SyntaxDirective.Find(bytes);
            return true;
        }).Check(Runs);
}
