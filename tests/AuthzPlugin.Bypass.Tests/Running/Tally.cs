using Xunit.Abstractions;
using Xunit.Sdk;

namespace AuthzPlugin.Bypass.Tests.Running;

/// <summary>What came of the cases until now.</summary>
public sealed class Tally
{
    /// <summary>Cases that succeeded with the plugin off.</summary>
    public int Attacks { get; set; }

    /// <summary>Cases that are known not to work on this engine, plugin or not.</summary>
    public int NoAttackHere { get; set; }

    public List<string> BrokenThrough { get; } = [];
}

/// <summary>The tests that are no theories (what is said of all cases) come last.</summary>
public sealed class SumsLast : ITestCaseOrderer
{
    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases)
        where TTestCase : ITestCase => testCases.OrderBy(t => t.TestMethodArguments is null or []);
}
