using System.Text.Json.Serialization;
using AuthzPlugin.Enforcement.Engine;

namespace AuthzPlugin.Gate.Pulls;

/// <summary>The members that are used of a progress message (<c>jsonmessage</c> of the Engine API).</summary>
internal sealed record ProgressLine
{
    [JsonPropertyName("errorDetail")]
    public EngineError? ErrorDetail { get; init; }

    [JsonPropertyName("error")]
    public string? Error { get; init; }

    [JsonPropertyName("status")]
    public string? Status { get; init; }

    [JsonPropertyName("id")]
    public string? Id { get; init; }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 16)]
[JsonSerializable(typeof(ProgressLine))]
[JsonSerializable(typeof(ImageInspect))]
internal sealed partial class ProgressJson : JsonSerializerContext;
