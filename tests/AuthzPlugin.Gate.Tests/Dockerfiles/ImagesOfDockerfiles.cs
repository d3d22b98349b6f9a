using System.Text;
using AuthzPlugin.Gate.Dockerfiles;

namespace AuthzPlugin.Gate.Tests.Dockerfiles;

/// <summary>Which images a Dockerfile uses, as both builders read it.</summary>
public sealed class ImagesOfDockerfiles
{
    /// <summary>Name, text, images with their lines in the order of the file.</summary>
    public static TheoryData<string, string, string, string> Files => new()
    {
        { "plain", "FROM alpine:3\n", "1 alpine:3", "" },
        { "no line end", "FROM alpine", "1 alpine", "" },
        { "windows line ends", "FROM alpine\r\nRUN x\r\nFROM busybox\r\n", "1 alpine|3 busybox", "" },
        { "byte order mark", "\ufeffFROM alpine\n", "1 alpine", "" },
        { "lower case and tabs", "\tfrom\talpine\tas\tBase\nFROM BASE\n", "1 alpine", "" },
        { "comments and blank lines", "# one\n\n  # two\nFROM alpine\n", "4 alpine", "" },
        { "continued", "FROM \\\n  alpine \\\n  AS base\nRUN a\\\n b\nFROM busybox\n", "1 alpine|6 busybox", "" },
        { "comment inside a continuation", "FROM \\\n# FROM evil\n   # x\n\n  alpine\nFROM busybox\n", "1 alpine|6 busybox", "" },
        { "FROM inside a continued RUN", "FROM alpine\nRUN echo \\\nFROM evil\nFROM busybox\n", "1 alpine|4 busybox", "" },
        { "blanks after the continuation", "FROM alpine\nRUN echo \\  \t\nFROM evil\n", "1 alpine", "" },
        { "doubled backslash continues nothing", "FROM alpine\nRUN echo \\\\\nFROM busybox\n", "1 alpine|3 busybox", "" },
        { "escape directive", "# escape=`\nFROM alpine\nRUN dir C:\\\nFROM busybox\nRUN a `\nFROM evil\n", "2 alpine|4 busybox", "" },
        { "escape directive that changes nothing", "#  ESCAPE = \\ \nFROM alpine\nRUN a \\\nFROM evil\n", "2 alpine", "" },
        { "escape after a comment is a comment", "# a comment\n# escape=`\nFROM alpine\nRUN a \\\nFROM evil\n", "3 alpine", "" },
        { "escape after syntax", "# syntax=docker/dockerfile:1\n# escape=`\nFROM alpine\nRUN a `\nFROM evil\n", "3 alpine", "" },
        { "stages are free", "FROM golang AS build\nFROM build AS test\nFROM alpine\nCOPY --from=build /a /a\nCOPY --from=0 /a /a\nCOPY --from=TEST /a /a\n", "1 golang|3 alpine", "" },
        { "scratch", "FROM scratch\nCOPY a /\n", "", "" },
        { "a later stage is no stage yet", "FROM later\nFROM alpine AS later\n", "1 later|2 alpine", "" },
        { "copy from an image", "FROM scratch\nCOPY --chown=1:1 --from=docker.io/library/nginx:1 /a /b\nADD --from=x /a /b\n", "2 docker.io/library/nginx:1|3 x", "" },
        { "copy from, quoted", "FROM scratch\nCOPY --from=\"nginx\" /a /b\n", "2 nginx", "" },
        { "a quoted word is no flag", "FROM scratch\nCOPY '--from=evil' /a /b\n", "", "" },
        { "from after the arguments is an argument", "FROM scratch\nCOPY a --from=evil /b\n", "", "" },
        { "copy from nothing", "FROM scratch\nCOPY --from= /a /b\n", "", "" },
        { "an index that does not fit is a name", "FROM scratch\nCOPY --from=99999999999999999999 /a /b\n", "2 99999999999999999999", "" },
        { "mounts", "FROM alpine\nRUN --mount=type=bind,from=busybox,target=/x --mount=type=cache,target=/y make\n", "1 alpine|2 busybox", "" },
        { "mount, key in capitals", "FROM alpine\nRUN --mount=type=bind,FROM=busybox,target=/x make\n", "1 alpine|2 busybox", "" },
        { "onbuild", "FROM alpine AS base\nONBUILD COPY --from=nginx /a /b\nONBUILD COPY --from=base /a /b\nONBUILD COPY --from=3 / /\n", "1 alpine|2 nginx", "" },
        { "argument with a default", "ARG V=3\nFROM alpine:$V\n", "2 alpine:3", "" },
        { "argument in braces, default, alternative", "ARG V=3\nARG N\nFROM alpine:${V}-${N:-x}${V:+y}\n", "3 alpine:3-xy", "" },
        { "build argument overrides", "ARG IMAGE=alpine\nFROM ${IMAGE}\n", "2 given", "IMAGE=given" },
        { "undeclared build argument is nothing", "FROM alpine${IMAGE}\n", "1 alpine", "IMAGE=given" },
        { "arguments of a stage are not seen", "FROM alpine\nARG V=9\nFROM busybox:1$V\n", "1 alpine|3 busybox:1", "" },
        { "arguments of arguments", "ARG A=al\nARG B=${A}pine\nFROM \"$B\"\n", "3 alpine", "" },
        { "quotes and escapes", "ARG A='a b'\nFROM \"al\"'pine'\\:3\n", "2 alpine:3", "" },
        { "several arguments in a line", "ARG A=1 B=\"2\"\nFROM alpine:$A.$B\n", "2 alpine:1.2", "" },
        { "a variable that names a stage", "ARG S=base\nFROM alpine AS base\nFROM $S\n", "2 alpine", "" },
        { "platform", "FROM --platform=$BUILDPLATFORM golang AS a\nFROM --platform=linux/arm64 alpine\n", "1 golang|2 alpine", "" },
        { "other instructions hold anything", "FROM alpine\nENV A=\"--from=x\" B=${C##*/}\nLABEL a=<<EOF\nCMD [\"<<EOF\"]\nSHELL [\"a\"]\nHEALTHCHECK --interval=1s CMD x\n", "1 alpine", "" },
        { "shift and here-string are no here-documents", "FROM alpine\nRUN echo $((1<<2)) && cat <<<x\nFROM busybox\n", "1 alpine|3 busybox", "" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Images_are_found_with_their_lines(string name, string text, string expected, string args)
    {
        foreach (var builder in Enum.GetValues<BuilderKind>())
        {
            var reading = Read(text, builder, args);
            Assert.True(reading.Problem is null, $"{name}, {builder}: {reading.Problem}");
            Assert.Equal(expected, string.Join('|', reading.Images.Select(i => $"{i.Line} {i.Reference}")));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void What_is_written_in_their_places_is_all_that_a_builder_sees(string name, string text, string expected, string args)
    {
        var file = Encoding.UTF8.GetBytes(text);
        foreach (var builder in Enum.GetValues<BuilderKind>())
        {
            var reading = Read(text, builder, args);
            var pinned = DockerfileRewriter.Apply(
                file, [.. reading.Literals, .. reading.Images.Select((image, i) => new Replacement(image.Place, Signed(i)))]);

            // Without any argument: nothing of what decides is left to them.
            var again = DockerfileReader.Read(pinned, DockerfileOptions.Of(builder));
            Assert.True(again.Problem is null, $"{name}, {builder}: {again.Problem}");
            Assert.Equal(reading.Images.Select((image, i) => $"{image.Line} {Signed(i)}"), again.Images.Select(i => $"{i.Line} {i.Reference}"));
            Assert.Equal(text.Count(c => c == '\n'), pinned.Count(b => b == '\n'));
            Assert.Equal(expected.Length == 0, again.Images.Count == 0);
        }
    }

    public static TheoryData<string, string, int, string> Refused => new()
    {
        { "no FROM", "# nothing\n", 0, "no FROM" },
        { "empty", "", 0, "no FROM" },
        { "instruction before FROM", "RUN x\nFROM a\n", 1, "before the first FROM" },
        { "unknown instruction", "FROM a\nFORM b\n", 2, "unknown instruction FORM" },
        { "look-alike letter", "FROM a\nFR\u041eM evil\n", 2, "unknown instruction" },
        { "no-break space before FROM", "FROM a\n\u00a0\u00a0FROM\u00a0evil\n", 2, "unknown instruction" },
        { "carriage return in a line", "FROM a\nRUN x\rFROM evil\n", 2, "carriage return" },
        { "two carriage returns", "FROM a\r\r\n", 1, "carriage return" },
        { "unresolvable form", "ARG V=a-b\nFROM alpine:${V#a}\n", 2, "cannot be resolved" },
        { "unresolvable form, longest", "ARG V=a-b\nFROM alpine:${V%%-*}\n", 2, "cannot be resolved" },
        { "unresolvable form, replacement", "ARG V=a-b\nFROM alpine:${V/a/b}\n", 2, "cannot be resolved" },
        { "lone dollar sign", "FROM alpine:$\n", 1, "cannot be resolved" },
        { "quote without an end", "FROM \"alpine\n", 1, "cannot be resolved" },
        { "resolves to nothing", "ARG I\nFROM $I\n", 2, "resolves to nothing" },
        { "must have a value", "FROM ${I:?no}\n", 1, "must have a value" },
        { "grows without bound", $"ARG A={new string('x', 100)}\n{string.Concat(Enumerable.Repeat("ARG A=$A$A\n", 60))}FROM a$A\n", 62, "more than 4096" },
        { "image in pieces", "FROM al\\\npine\n", 1, "in pieces" },
        { "image in quoted pieces", "FROM a\nCOPY --from=ngi\"nx\" / /\n", 2, "in pieces" },
        { "variable in copy from", "ARG I=x\nFROM a\nCOPY --from=$I / /\n", 3, "cannot be resolved" },
        { "variable in a mount", "FROM a\nRUN --mount=type=bind,from=${I},target=/x y\n", 2, "cannot be resolved" },
        { "escape in a flag", "FROM a\nCOPY --fr\\om=evil / /\n", 2, "builders read differently" },
        { "flag twice", "FROM a\nCOPY --from=b --from=c / /\n", 2, "twice" },
        { "flag without a value", "FROM a\nCOPY --from / /\n", 2, "without a value" },
        { "unknown flag of FROM", "FROM --plattform=x a\n", 1, "does not take" },
        { "FROM with two words", "FROM a b\n", 1, "neither FROM image" },
        { "FROM with four words", "FROM a AS b c\n", 1, "neither FROM image" },
        { "bad stage name", "FROM a AS 1b\n", 1, "stage name" },
        { "onbuild from", "FROM a\nONBUILD FROM b\n", 2, "which builders refuse" },
        { "onbuild onbuild", "FROM a\nONBUILD ONBUILD RUN x\n", 2, "which builders refuse" },
        { "onbuild with a flag", "FROM a\nONBUILD --x RUN y\n", 2, "does not take" },
        { "escape with another value", "# escape=x\nFROM a\n", 1, "neither" },
        { "escape twice", "# escape=`\n# escape=\\\nFROM a\n", 2, "repeats" },
        { "escape after check", "# check=skip=all\n# escape=`\nFROM a\n", 2, "after a check directive" },
        { "escape behind other white space", "#\u00a0escape=`\nFROM a\n", 1, "read differently" },
        { "escape in a value of ARG's name", "ARG \"A\"=x\nFROM a\n", 1, "not plain" },
        { "too long a line", $"FROM a\nRUN {new string('x', 65536)}\n", 2, "more than" },
        { "not ASCII in FROM", "FROM alp\u00efne\n", 1, "not printable ASCII" },
        { "byte order mark that is no first", "\nFROM a\n\ufeffFROM b\n", 3, "unknown instruction" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_builders_may_read_differently_is_refused_with_its_line(string name, string text, int line, string part)
    {
        foreach (var builder in Enum.GetValues<BuilderKind>())
        {
            var problem = Read(text, builder).Problem;
            Assert.True(problem is not null, $"{name}, {builder}: not refused");
            Assert.Equal((name, line), (name, problem.Line));
            Assert.Contains(part, problem.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(problem.Text, c => c is < ' ' or > '~');
        }
    }

    [Fact]
    public void Here_documents_are_passed_over_for_BuildKit_and_refused_for_the_classic_builder()
    {
        const string Text = "FROM a\nRUN <<EOF bash\nFROM evil\n  EOF\nEOF\nCOPY <<-\"X Y\" <<Z /d/\n\tFROM evil\n\tX Y\nFROM evil\nZ\nONBUILD RUN cat <<E\nFROM evil\nE\nRUN [\"a\", \"<<Q\"]\nFROM b\n";
        Assert.Equal(["a", "b"], Read(Text, BuilderKind.BuildKit).Images.Select(i => i.Reference));
        Assert.Equal(2, Read(Text, BuilderKind.Classic).Problem!.Line);
        Assert.Contains("does not end", Read("FROM a\nRUN <<EOF\nFROM evil\n", BuilderKind.BuildKit).Problem!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stage_name_stands_once_for_the_classic_builder()
    {
        const string Text = "FROM a AS x\nFROM b AS X\n";
        Assert.Contains("a second time", Read(Text, BuilderKind.Classic).Problem!.Text, StringComparison.Ordinal);
        Assert.Null(Read(Text, BuilderKind.BuildKit).Problem);
    }

    [Fact]
    public void Arguments_that_the_builder_defines_itself_are_its_own()
    {
        const string Platform = "FROM a:$TARGETARCH\n";
        Assert.Equal("a:", Assert.Single(Read(Platform, BuilderKind.Classic).Images).Reference);
        Assert.Contains("TARGETARCH", Read(Platform, BuilderKind.BuildKit).Problem!.Text, StringComparison.Ordinal);
        var known = new DockerfileOptions(BuilderKind.BuildKit, Arguments([]), Arguments(["TARGETARCH=amd64"]));
        Assert.Equal("a:amd64", Assert.Single(DockerfileReader.Read("FROM a:$TARGETARCH\n"u8, known).Images).Reference);

        const string Proxy = "FROM a$http_proxy\n";
        Assert.Equal("ax", Assert.Single(Read(Proxy, BuilderKind.Classic, "http_proxy=x").Images).Reference);
        Assert.Equal("a", Assert.Single(Read(Proxy, BuilderKind.BuildKit, "http_proxy=x").Images).Reference);
    }

    [Theory]
    [InlineData("# syntax=docker/dockerfile:1\nFROM a\n", "docker/dockerfile:1")]
    [InlineData("\ufeff# escape=`\n#SYNTAX = x/y@sha256:00 --flag \nFROM a\n", "x/y@sha256:00")]
    [InlineData("#!/usr/bin/env x\n# syntax=y\n", "y")]
    [InlineData("// syntax=y\n", "y")]
    [InlineData("{ \"syntax\": \"y\" }", "y")]
    [InlineData("# a\n# syntax=y\nFROM a\n", null)]
    [InlineData("FROM a\n# syntax=y\n", null)]
    public void The_frontend_is_found_where_BuildKit_looks_for_it(string text, string? image) =>
        Assert.Equal(image, SyntaxDirective.Find(Encoding.UTF8.GetBytes(text))?.Image);

    private static DockerfileReading Read(string text, BuilderKind builder, params string[] args) =>
        DockerfileReader.Read(Encoding.UTF8.GetBytes(text), new DockerfileOptions(builder, Arguments(args), Arguments(["BUILDPLATFORM=linux/amd64"])));

    private static Dictionary<string, string> Arguments(string[] args) =>
        args.Where(a => a.Length > 0).Select(a => a.Split('=', 2)).ToDictionary(a => a[0], a => a[1], StringComparer.Ordinal);

    private static string Signed(int i) => $"registry.example.com/team/base@sha256:{i:x64}";
}
