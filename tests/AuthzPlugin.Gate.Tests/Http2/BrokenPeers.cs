using AuthzPlugin.Gate.Http2;

namespace AuthzPlugin.Gate.Tests.Http2;

/// <summary>What a peer sends that is not HTTP/2 ends its connection with the code of RFC 9113, and nothing else.</summary>
public sealed class BrokenPeers
{
    private const string Preface = "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a";

    // A request's headers on stream 1: :method POST, indexed.
    private const string Headers = "000001" + "01" + "04" + "00000001" + "83";

    public static TheoryData<string, string, int> Cases => new()
    {
        { "another protocol", "474554202f20485454502f312e310d0a486f73743a20780d", (int)Http2ErrorCode.ProtocolError },
        { "a frame that is too long", Preface + "004001" + "00" + "00" + "00000001", (int)Http2ErrorCode.FrameSizeError },
        { "an even stream", Preface + "000001" + "01" + "04" + "00000002" + "83", (int)Http2ErrorCode.ProtocolError },
        { "padding longer than the frame", Preface + "000002" + "01" + "0c" + "00000001" + "0583", (int)Http2ErrorCode.ProtocolError },
        { "headers cut by data", Preface + "000001" + "01" + "00" + "00000001" + "83" + "000001" + "00" + "00" + "00000001" + "00", (int)Http2ErrorCode.ProtocolError },
        { "a continuation of nothing", Preface + "000001" + "09" + "04" + "00000001" + "83", (int)Http2ErrorCode.ProtocolError },
        { "a push", Preface + "000005" + "05" + "04" + "00000001" + "0000000283", (int)Http2ErrorCode.ProtocolError },
        { "a broken header block", Preface + "000001" + "01" + "04" + "00000001" + "80", (int)Http2ErrorCode.CompressionError },
        { "broken settings", Preface + "000005" + "04" + "00" + "00000000" + "0000000000", (int)Http2ErrorCode.FrameSizeError },
        { "a window beyond the largest", Preface + Headers + "000004" + "08" + "00" + "00000001" + "7fffffff", (int)Http2ErrorCode.FlowControlError },
        { "data after the end", Preface + "000001" + "01" + "05" + "00000001" + "83" + "000001" + "00" + "01" + "00000001" + "00", (int)Http2ErrorCode.StreamClosed },
        { "a reset of the wrong size", Preface + Headers + "000003" + "03" + "00" + "00000001" + "000000", (int)Http2ErrorCode.FrameSizeError },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task It_ends_the_connection(string name, string bytes, int code)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var (peer, ours) = DuplexPair.Create();
        using var connection = Http2Connection.Server(ours);
        var running = connection.RunAsync(limit.Token);
        await peer.WriteAsync(Convert.FromHexString(bytes), limit.Token);

        var error = await Assert.ThrowsAsync<Http2Exception>(() => running);
        Assert.True(code == (int)error.Code, $"{name}: {error.Code} {error.Message}");
        Assert.Equal(code, await GoAwayAsync(peer, limit.Token));
    }

    [Fact]
    public async Task A_peer_that_ignores_the_window_is_cut_off()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var (peer, ours) = DuplexPair.Create();
        using var connection = Http2Connection.Server(ours);
        var running = connection.RunAsync(limit.Token);
        await peer.WriteAsync(Convert.FromHexString(Preface + Headers), limit.Token);
        _ = GoAwayAsync(peer, limit.Token);
        byte[] frame = [0, 0x40, 0, 0, 0, 0, 0, 0, 1, .. new byte[Http2Limits.FrameSize]];
        for (var sent = 0; sent <= Http2Limits.StreamWindow && !running.IsCompleted; sent += Http2Limits.FrameSize)
        {
            await peer.WriteAsync(frame, limit.Token);
        }

        Assert.Equal(Http2ErrorCode.FlowControlError, (await Assert.ThrowsAsync<Http2Exception>(() => running)).Code);
    }

    [Fact]
    public async Task Streams_beyond_the_limit_are_refused_and_the_connection_lives()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var (peer, ours) = DuplexPair.Create();
        using var connection = Http2Connection.Server(ours);
        _ = connection.RunAsync(limit.Token);
        await peer.WriteAsync(Convert.FromHexString(Preface), limit.Token);
        for (var i = 0; i <= Http2Limits.Streams; i++)
        {
            await peer.WriteAsync(Convert.FromHexString("000001" + "01" + "04" + (1 + (2 * i)).ToString("x8", null) + "83"), limit.Token);
        }

        var reader = new FrameReader(peer);
        while (await reader.ReadAsync(limit.Token) is { } frame)
        {
            if (frame.Header.Type == FrameType.RstStream)
            {
                Assert.Equal(1 + (2 * Http2Limits.Streams), frame.Header.StreamId);
                Assert.Equal((byte)Http2ErrorCode.RefusedStream, frame.Payload.Span[3]);
                return;
            }
        }

        Assert.Fail("no stream was refused");
    }

    private static async Task<int> GoAwayAsync(Stream peer, CancellationToken cancellation)
    {
        var reader = new FrameReader(peer);
        while (await reader.ReadAsync(cancellation) is { } frame)
        {
            if (frame.Header.Type == FrameType.GoAway)
            {
                return frame.Payload.Span[7];
            }
        }

        return -1;
    }
}
