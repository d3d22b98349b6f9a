using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AuthzPlugin.Enforcement.Audit;
using AuthzPlugin.Testing;

namespace AuthzPlugin.Enforcement.Tests.Audit;

/// <summary>docs/audit.schema.json says what is written.</summary>
public sealed class AuditSchemaTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(SourceTree.Read("docs/audit.schema.json")).RootElement;

    [Fact]
    public void Every_member_that_is_written_is_in_the_schema_and_no_other()
    {
        JsonTypeInfo[] written = [AuditJson.Default.AuditRecord, AuditJson.Default.AuditEvent];
        Assert.Equal(
            written.SelectMany(t => t.Properties).Select(p => p.Name).Distinct().Order(StringComparer.Ordinal),
            Schema.GetProperty("properties").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_the_schema_requires_is_in_every_line()
    {
        var happened = JsonSerializer.SerializeToElement(AuditEvent.Now(TimeProvider.System, "started", "here"), AuditJson.Default.AuditEvent);
        Assert.All(Schema.GetProperty("required").EnumerateArray(), name => Assert.True(happened.TryGetProperty(name.GetString()!, out _), name.GetString()));
    }

    [Fact]
    public void The_version_of_the_schema_is_the_version_that_is_written() =>
        Assert.Equal(Schema.GetProperty("properties").GetProperty("v").GetProperty("const").GetInt32(), AuditEvent.Now(TimeProvider.System, "x", "y").Version);
}
