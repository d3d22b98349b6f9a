using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Enforcement.TrustData;
using AuthzPlugin.Trust.Errors;
using AuthzPlugin.Trust.References;

namespace AuthzPlugin.Protocol;

/// <summary>What an administrator may see and do of the trust data that is kept.</summary>
internal sealed class CacheEndpoint(TrustDataService trust, AuditLog audit, TimeProvider time)
{
    public Task ListAsync(HttpContext context)
    {
        try
        {
            return AdminReply.WriteAsync(
                context, StatusCodes.Status200OK, [.. trust.List().Select(CachedAnswer.From)], AdminJson.Default.IReadOnlyListCachedAnswer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return AdminReply.SayAsync(context, StatusCodes.Status500InternalServerError, $"the cache cannot be read: {e.Message}; see the disk");
        }
    }

    /// <summary>Versions stay, so nothing that was refused as older before is accepted after it.</summary>
    public async Task PurgeAsync(HttpContext context)
    {
        var text = context.Request.Query["repository"].ToString();
        try
        {
            var all = trust.List();
            var chosen = text.Length == 0 ? all : [.. all.Where(r => r.Repository.Name == text)];
            var purged = 0;
            foreach (var repository in chosen)
            {
                purged += await trust.PurgeAsync(repository.Repository, context.RequestAborted).ConfigureAwait(false) ? 1 : 0;
            }

            await AdminReply.SayAsync(
                context, StatusCodes.Status200OK, $"dropped the cached trust data of {purged} of {chosen.Count} repositories; their versions are remembered").ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await AdminReply.SayAsync(context, StatusCodes.Status500InternalServerError, $"not all was dropped: {e.Message}; see the disk").ConfigureAwait(false);
        }
    }

    /// <summary>The explicit reset of a repository's memory; on record before it happens.</summary>
    public async Task ForgetAsync(HttpContext context)
    {
        var text = context.Request.Query["repository"].ToString();
        if (!ImageReferenceParser.TryParseNamed(text, out var image, out var problem) || image.Tag is not null || image.Digest is not null)
        {
            await AdminReply.SayAsync(
                context,
                StatusCodes.Status400BadRequest,
                $"{UntrustedText.Escape(text)} {problem ?? "has a tag or digest"}; name a repository, such as registry.example.com/team/app").ConfigureAwait(false);
            return;
        }

        try
        {
            var known = await ForgetAsync(image.Repository, context.RequestAborted).ConfigureAwait(false);
            await AdminReply.SayAsync(context, StatusCodes.Status200OK, known
                ? $"forgot the trust data and the versions of {image.Repository}; the next decision starts anew from the pins"
                : $"nothing was known of {image.Repository}").ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await AdminReply.SayAsync(context, StatusCodes.Status500InternalServerError, $"{image.Repository} was not forgotten: {e.Message}; see the disk").ConfigureAwait(false);
        }
    }

    private Task<bool> ForgetAsync(RepositoryName repository, CancellationToken cancellation)
    {
        audit.Write(AuditEvent.Now(time, "cache-forgotten", $"an administrator reset the trust data and version memory of {repository}")
            with
        { Repository = repository.Name });
        return trust.ForgetAsync(repository, cancellation);
    }
}
