using Xunit.Abstractions;

namespace AuthzPlugin.Proof.Tests;

/// <summary>A few seconds of what <c>tests/fuzz.sh</c> does for as long as one likes.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Ten_seconds_of_random_inputs_find_nothing()
    {
        var (code, text) = await ProofProcess.RunAsync("fuzz", "10");

        output.WriteLine(text);
        Assert.True(code == 0, text);
        Assert.Contains("failures 0", text, StringComparison.Ordinal);
    }
}
