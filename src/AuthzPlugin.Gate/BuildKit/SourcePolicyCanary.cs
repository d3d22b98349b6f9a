using AuthzPlugin.Gate.BuildKit.Grpc;
using AuthzPlugin.Gate.BuildKit.Policies;
using AuthzPlugin.Gate.BuildKit.Protocol;
using AuthzPlugin.Gate.Http2;
using Google.Protobuf;

namespace AuthzPlugin.Gate.BuildKit;

/// <summary>
/// Finds out whether the engine obeys a source policy, by asking it for a build that the policy forbids. Only an engine that says so is
/// believed: an old one passes over the field in silence. The image it asks for is at a loopback address where nobody listens, so an engine
/// that does not obey fetches nothing.
/// </summary>
internal static class SourcePolicyCanary
{
    private const string Denied = "denied by policy";

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(10);

    /// <summary>Null when it obeys, otherwise what it said.</summary>
    /// <exception cref="IOException">The connection ended.</exception>
    public static async Task<string?> AskAsync(Http2Connection engine, TimeProvider time, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(Budget, time);
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        try
        {
            await GrpcCall.AskAsync(engine, BuildKitMethods.Solve, Request(), SolveResponse.Parser, budget.Token).ConfigureAwait(false);
            return "it solved what it was told to deny";
        }
        catch (GrpcException e)
        {
            return e.Message.Contains(Denied, StringComparison.Ordinal) ? null : e.Message;
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return $"it gave no answer in {Budget.TotalSeconds:0} s";
        }
    }

    private static SolveRequest Request()
    {
        var source = new Op { Source = new SourceOp { Identifier = PinnedImage.Scheme + "127.0.0.1:1/content-trust/canary:latest" } };
        var bytes = source.ToByteString();
        var digest = "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes.Span));
        var end = new Op { Inputs = { new Input { Digest = digest } } };
        return new SolveRequest
        {
            Ref = "content-trust-" + Guid.NewGuid().ToString("N"),
            Definition = new Definition { Def = { bytes, end.ToByteString() } },
            Internal = true,
            SourcePolicy = SourcePolicies.Compose(null, [], []),
        };
    }
}
