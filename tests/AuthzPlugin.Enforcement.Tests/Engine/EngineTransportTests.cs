using System.Text;
using AuthzPlugin.Enforcement.Engine;

namespace AuthzPlugin.Enforcement.Tests.Engine;

public sealed class EngineTransportTests
{
    private const int Limit = 1000;

    /// <summary>Go announces the length of short answers only.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_beyond_the_limit_is_unclear(bool announced)
    {
        using var engine = new OneAnswer(Answer(Limit + 1), announced);
        using var transport = new EngineTransport(engine, EngineOptions.Default with { MaxAnswerBytes = Limit });

        var e = await Assert.ThrowsAsync<EngineException>(() => new EngineClient(transport, TimeProvider.System).VersionAsync(CancellationToken.None));

        Assert.Equal(EngineFault.Unclear, e.Fault);
        Assert.Equal($"the engine's answer has more than {Limit} bytes", e.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_of_the_limit_is_read(bool announced)
    {
        using var engine = new OneAnswer(Answer(Limit), announced);
        using var transport = new EngineTransport(engine, EngineOptions.Default with { MaxAnswerBytes = Limit });

        Assert.NotNull(await new EngineClient(transport, TimeProvider.System).VersionAsync(CancellationToken.None));
    }

    private static byte[] Answer(int bytes) => Encoding.ASCII.GetBytes("{}".PadRight(bytes));

    private sealed class OneAnswer(byte[] body, bool announced) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage { Content = announced ? new ByteArrayContent(body) : new StreamContent(new Unannounced(body)) });
    }

    private sealed class Unannounced(byte[] body) : MemoryStream(body)
    {
        public override bool CanSeek => false;
    }
}
