using System.Diagnostics;
using AuthzPlugin.Enforcement.Revocation;
using AuthzPlugin.Testing.Signatures;

namespace AuthzPlugin.Enforcement.Tests.Revocation;

/// <summary>Responders and places of lists that lie, stall or flood: nothing counts, in bounded time, and what is honest beside them still does.</summary>
public sealed class HostileResponders
{
    private static readonly string[] Stalling = ["silent", "drop by drop"];

    // A budget is short only where it must run out: a busy machine must not make an honest answer late.
    private static RevocationOptions Budgets(string attack, bool isListHonest) => new()
    {
        OcspTimeout = TimeSpan.FromSeconds(Stalling.Contains(attack) ? 1.5 : 20),
        ListTimeout = TimeSpan.FromSeconds(Stalling.Contains(attack) && !isListHonest ? 1.5 : 20),
        SignatureTimeout = TimeSpan.FromSeconds(20),
    };

    private static readonly TestCertificate Stranger = TestCertificate.Make(CertificateShape.Authority());

    public static TheoryData<string> Attacks => [.. Answers.Keys];

    // An answer for both paths: what a responder would send is as wrong for a list.
    private static readonly Dictionary<string, Action<RevocationLab, string>> Answers = new()
    {
        ["endless"] = (lab, path) => lab.Server.Answers[path] = async (_, stream, cancellation) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellation);
            while (true)
            {
                await stream.WriteAsync(new byte[64 * 1024], cancellation);
            }
        },
        ["silent"] = (lab, path) => lab.Server.Answers[path] = (_, _, cancellation) => Task.Delay(Timeout.Infinite, cancellation),
        ["drop by drop"] = (lab, path) => lab.Server.Answers[path] = async (_, stream, cancellation) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"u8.ToArray(), cancellation);
            while (true)
            {
                await stream.WriteAsync("0"u8.ToArray(), cancellation);
                await stream.FlushAsync(cancellation);
                await Task.Delay(50, cancellation);
            }
        },
        ["announced giant"] = (lab, path) => lab.Server.SetRaw(path, "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx"),
        ["too large"] = (lab, path) => lab.Server.Set(path, () => new byte[5 * 1024 * 1024]),
        ["headers without end"] = (lab, path) => lab.Server.SetRaw(path, "HTTP/1.1 200 OK\r\nX: " + new string('x', 1024 * 1024)),
        ["redirect"] = (lab, path) =>
        {
            lab.Server.SetRaw(path, $"HTTP/1.1 302 Found\r\nLocation: {lab.Server.Url("/elsewhere")}\r\nContent-Length: 0\r\n\r\n");
            lab.Server.Set("/elsewhere", () => new TestOcsp { Issuer = lab.Root, From = lab.Now, Until = lab.Now.AddDays(1) }.Answer(lab.Leaf));
        },
        ["wrong serial"] = (lab, path) => Answer(lab, path, r => r with { Serial = [1, 2, 3] }, () => Stranger.List(lab.Now, lab.Now.AddDays(1))),
        ["other issuer's responder"] = (lab, path) => Answer(
            lab, path, r => r with { Signer = TestCertificate.Make(CertificateShape.Responder(), Stranger) }, () => Stranger.List(lab.Now, lab.Now.AddDays(1))),
        ["other issuer"] = (lab, path) => Answer(lab, path, r => r with { Issuer = Stranger }, () => Stranger.List(lab.Now, lab.Now.AddDays(1))),
        ["stale"] = (lab, path) => Answer(
            lab, path, r => r with { From = lab.Now.AddDays(-9), Until = lab.Now.AddSeconds(-1) }, () => lab.Root.List(lab.Now.AddDays(-9), lab.Now.AddSeconds(-1))),
        ["from the future"] = (lab, path) => Answer(
            lab, path, r => r with { From = lab.Now.AddHours(1), Until = lab.Now.AddHours(2) }, () => lab.Root.List(lab.Now.AddHours(1), lab.Now.AddHours(2))),
        ["garbage"] = (lab, path) => lab.Server.Set(path, () => "garbage"u8.ToArray()),
        ["empty"] = (lab, path) => lab.Server.Set(path, () => []),
        ["no HTTP"] = (lab, path) => lab.Server.SetRaw(path, "hello"),
        ["cut"] = (lab, path) => lab.Server.SetRaw(path, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"),
        ["closed"] = (lab, path) => lab.Server.SetRaw(path, ""),
        ["a fault"] = (lab, path) => lab.Server.SetRaw(path, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"),
        ["a login"] = (lab, path) => lab.Server.SetRaw(path, "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"),
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Nothing_counts_in_bounded_time(string attack)
    {
        await using var lab = new RevocationLab(time: TimeProvider.System, options: Budgets(attack, isListHonest: false));
        Answers[attack](lab, RevocationLab.Ocsp);
        Answers[attack](lab, RevocationLab.Crl);
        var watch = Stopwatch.StartNew();
        var verdict = await lab.ExamineAsync();
        Assert.Equal((false, true), (verdict.IsValid, verdict.IsUndecided));
        Assert.Contains("may be revoked", verdict.Detail, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");

        // The runtime tries a download again when its connection ends without a word.
        Assert.Equal(["POST /ocsp", "GET /acme.crl"], lab.Server.Requests.Distinct());
        Assert.True(lab.Server.Requests.Count < 8);
        Assert.False(Directory.Exists(lab.Options.Directory!) && Directory.GetFiles(lab.Options.Directory!).Length > 0);
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task An_honest_list_helps_where_the_responder_does_not(string attack)
    {
        await using var lab = new RevocationLab(time: TimeProvider.System, options: Budgets(attack, isListHonest: true));
        Answers[attack](lab, RevocationLab.Ocsp);
        var verdict = await lab.ExamineAsync();
        Assert.True(verdict.IsValid, $"{attack}: {verdict.Detail}");
        lab.List(lab.Leaf);
        await using var other = new RevocationLab(time: TimeProvider.System, options: Budgets(attack, isListHonest: true));
        Answers[attack](other, RevocationLab.Ocsp);
        other.List(other.Leaf);
        Assert.Contains("was revoked", (await other.ExamineAsync()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_has_a_budget_of_its_own()
    {
        var options = new RevocationOptions { OcspTimeout = TimeSpan.FromSeconds(30), ListTimeout = TimeSpan.FromSeconds(30), SignatureTimeout = TimeSpan.FromMilliseconds(300) };
        await using var lab = new RevocationLab(time: TimeProvider.System, options: options);
        Answers["silent"](lab, RevocationLab.Ocsp);
        var watch = Stopwatch.StartNew();
        var verdict = await lab.ExamineAsync();
        Assert.True(verdict.IsUndecided);
        Assert.Contains("within 0.3 s", verdict.Detail, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
    }

    private static void Answer(RevocationLab lab, string path, Func<TestOcsp, TestOcsp> change, Func<byte[]> list)
    {
        if (path == RevocationLab.Ocsp)
        {
            lab.Respond("good", change);
        }
        else
        {
            lab.Server.Set(path, list);
        }
    }
}
