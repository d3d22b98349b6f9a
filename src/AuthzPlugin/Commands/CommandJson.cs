using System.Text.Json.Serialization;
using AuthzPlugin.Enforcement.Audit;

namespace AuthzPlugin.Commands;

[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuditReport))]
[JsonSerializable(typeof(CheckedConfig))]
[JsonSerializable(typeof(GateSwitch))]
[JsonSerializable(typeof(ImportAnswer))]
[JsonSerializable(typeof(IReadOnlyList<RefusalGroup>))]
internal sealed partial class CommandJson : JsonSerializerContext;
