namespace AuthzPlugin.Gate.BuildKit.Protocol;

/// <summary>A request with a field that this version does not know may ask for something that it does not see.</summary>
internal sealed partial class SolveRequest
{
    public bool HasUnknownFields => _unknownFields is not null;
}

/// <inheritdoc cref="SolveRequest.HasUnknownFields"/>
internal sealed partial class BridgeSolveRequest
{
    public bool HasUnknownFields => _unknownFields is not null;
}

/// <inheritdoc cref="SolveRequest.HasUnknownFields"/>
internal sealed partial class CacheOptions
{
    public bool HasUnknownFields => _unknownFields is not null;
}
