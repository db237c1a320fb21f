using System.Text.Json.Nodes;
using Vmcp.CrdGenerator;

namespace Vmcp.Resources.Tests.Crds;

public sealed class DefinitionTests
{
    private static readonly Dictionary<string, JsonObject> ByKind =
        Definitions.All().ToDictionary(d => d["spec"]!["names"]!["kind"]!.GetValue<string>());

    public static TheoryData<string> Kinds => [.. ToolHive.All.Select(kind => kind.Kind)];

    [Theory]
    [InlineData("VirtualMCPServer", "virtualmcpservers", "vmcp virtualmcp", "Mode Phase Backends URL Ready Age")]
    [InlineData("MCPGroup", "mcpgroups", "mcpg mcpgroup", "Servers Proxies Phase Checked Age")]
    [InlineData("MCPServer", "mcpservers", "mcpserver mcpservers", "Status Ready Replicas URL Age")]
    [InlineData("MCPRemoteProxy", "mcpremoteproxies", "rp mcprp", "Phase|Remote URL|URL|Ready|Age")]
    [InlineData("MCPServerEntry", "mcpserverentries", "mcpentry", "Phase|Transport|Remote URL|Group|Age")]
    [InlineData("MCPExternalAuthConfig", "mcpexternalauthconfigs", "extauth mcpextauth", "Type Valid Age")]
    [InlineData("MCPOIDCConfig", "mcpoidcconfigs", "mcpoidc", "Source Valid Age")]
    [InlineData("MCPToolConfig", "mcptoolconfigs", "tc toolconfig", "Valid Age")]
    [InlineData("VirtualMCPCompositeToolDefinition", "virtualmcpcompositetooldefinitions", "vmcpctd compositetool", "Workflow Status Age Ready")]
    [InlineData("MCPTelemetryConfig", "mcptelemetryconfigs", "mcpotel", "Endpoint Valid Tracing Metrics Age")]
    [InlineData("MCPAuthzConfig", "mcpauthzconfigs", "authzcfg", "Type Valid Age")]
    [InlineData("EmbeddingServer", "embeddingservers", "emb embedding", "Status Model Ready URL Age")]
    public void A_kind_has_its_names_and_columns(string kind, string plural, string shortNames, string columns)
    {
        JsonNode spec = ByKind[kind]["spec"]!;

        spec["names"]!["plural"]!.GetValue<string>().ShouldBe(plural);
        Texts(spec["names"]!["shortNames"]).ShouldBe(shortNames.Split(' '));
        Texts(spec["names"]!["categories"]).ShouldBe(["toolhive"]);
        spec["scope"]!.GetValue<string>().ShouldBe("Namespaced");
        foreach (JsonNode? version in spec["versions"]!.AsArray())
        {
            version!["additionalPrinterColumns"]!.AsArray().Select(c => c!["name"]!.GetValue<string>())
                .ShouldBe(columns.Split(columns.Contains('|', StringComparison.Ordinal) ? '|' : ' '));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Both_versions_say_the_same_and_only_the_new_one_is_stored(string kind)
    {
        JsonArray versions = ByKind[kind]["spec"]!["versions"]!.AsArray();
        JsonNode old = versions.Single(v => v!["name"]!.GetValue<string>() == "v1alpha1")!;
        JsonNode now = versions.Single(v => v!["name"]!.GetValue<string>() == "v1beta1")!;

        foreach (string same in new[] { "schema", "additionalPrinterColumns", "subresources", "served" })
            JsonNode.DeepEquals(old[same], now[same]).ShouldBeTrue(same);
        now["storage"]!.GetValue<bool>().ShouldBeTrue();
        now["subresources"]!["status"].ShouldNotBeNull();
        now["deprecated"].ShouldBeNull();
        old["storage"]!.GetValue<bool>().ShouldBeFalse();
        old["deprecationWarning"]!.GetValue<string>().ShouldBe("toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1");
        ByKind[kind]["metadata"]!["labels"]!["toolhive.stacklok.dev/auto-migrate-storage-version"]!.GetValue<string>().ShouldBe("true");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_field_is_explained(string kind)
    {
        List<string> unexplained = [];
        Walk(Schema(kind), "", (path, schema) =>
        {
            if (schema["description"] is null && path is not "metadata" && !path.EndsWith("[]", StringComparison.Ordinal))
                unexplained.Add(path);
        });

        unexplained.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("VirtualMCPServer", "spec.outgoingAuth.source", """{"type":"string","default":"discovered","enum":["discovered","inline"]}""")]
    [InlineData("VirtualMCPServer", "spec.replicas", """{"type":"integer","format":"int32","minimum":0}""")]
    [InlineData("VirtualMCPServer", "spec.podTemplateSpec", """{"type":"object","x-kubernetes-preserve-unknown-fields":true}""")]
    [InlineData("VirtualMCPServer", "spec.config.operational.failureHandling.healthCheckTimeout", """{"type":"string","pattern":"^([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$"}""")]
    [InlineData("VirtualMCPServer", "spec.config.operational.failureHandling.partialFailureMode", """{"type":"string","enum":["fail","best_effort"]}""")]
    [InlineData("VirtualMCPServer", "spec.config.operational.failureHandling.unhealthyThreshold", """{"type":"integer","format":"int32","default":3}""")]
    [InlineData("VirtualMCPServer", "spec.config.codeMode.stepLimit", """{"type":"integer","format":"int64","default":100000,"minimum":1}""")]
    [InlineData("VirtualMCPServer", "spec.config.compositeTools[].steps[].type", """{"type":"string","default":"tool","enum":["tool","elicitation","forEach"]}""")]
    [InlineData("VirtualMCPServer", "spec.config.compositeTools[].steps[].defaultResults", """{"x-kubernetes-preserve-unknown-fields":true}""")]
    [InlineData("VirtualMCPServer", "spec.authServerConfig.baselineClientScopes[]", """{"type":"string","minLength":1,"pattern":"^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$"}""")]
    [InlineData("VirtualMCPServer", "status.mode", """{"type":"string","enum":["discovered","inline"]}""")]
    [InlineData("VirtualMCPServer", "status.phase", """{"type":"string","default":"Pending","enum":["Pending","Ready","Degraded","Failed"]}""")]
    [InlineData("VirtualMCPServer", "status.discoveredBackends[].authSource", """{"type":"string"}""")]
    [InlineData("VirtualMCPServer", "status.discoveredBackends[].lastHealthCheck", """{"type":"string","format":"date-time"}""")]
    [InlineData("MCPServer", "spec.proxyPort", """{"type":"integer","format":"int32","default":8080,"maximum":65535,"minimum":1}""")]
    [InlineData("MCPExternalAuthConfig", "spec.awsSts.sessionDuration", """{"type":"integer","format":"int32","default":3600,"maximum":43200,"minimum":900}""")]
    [InlineData("MCPTelemetryConfig", "spec.openTelemetry.tracing.samplingRate", """{"type":"string","default":"0.05","pattern":"^(0(\\.\\d+)?|1(\\.0+)?)$"}""")]
    [InlineData("MCPOIDCConfig", "spec.inline.jwksAllowPrivateIP", """{"type":"boolean","default":false}""")]
    public void A_field_has_its_type_default_and_bounds(string kind, string path, string expected)
    {
        JsonObject schema = At(kind, path).DeepClone().AsObject();
        schema.Remove("description");

        schema.ToJsonString().ShouldBe(JsonNode.Parse(expected)!.ToJsonString());
    }

    [Theory]
    [InlineData("VirtualMCPServer", "spec.passthroughHeaders", "atomic")]
    [InlineData("VirtualMCPServer", "spec.authServerConfig.upstreamProviders", "map name")]
    [InlineData("VirtualMCPServer", "spec.config.rateLimiting.tools", "map name")]
    [InlineData("VirtualMCPServer", "status.conditions", "map type")]
    [InlineData("VirtualMCPServer", "status.discoveredBackends", "map name")]
    [InlineData("MCPServerEntry", "spec.headerForward.addHeadersFromSecret", "map headerName")]
    [InlineData("MCPToolConfig", "spec.toolsFilter", "set")]
    [InlineData("MCPGroup", "status.servers", "set")]
    [InlineData("VirtualMCPCompositeToolDefinition", "status.referencingVirtualServers", "set")]
    [InlineData("VirtualMCPServer", "spec.config.compositeToolRefs", "")]
    public void A_list_is_merged_the_way_its_items_are_told_apart(string kind, string path, string expected)
    {
        JsonObject list = At(kind, path);

        string.Join(' ', new[] { list["x-kubernetes-list-type"]?.GetValue<string>(), list["x-kubernetes-list-map-keys"]?[0]?.GetValue<string>() }.OfType<string>())
            .ShouldBe(expected);
    }

    [Theory]
    [InlineData("VirtualMCPServer", "spec", "groupRef incomingAuth")]
    [InlineData("MCPServer", "spec", "image")]
    [InlineData("MCPRemoteProxy", "spec", "remoteUrl")]
    [InlineData("MCPServerEntry", "spec", "groupRef remoteUrl transport")]
    [InlineData("MCPExternalAuthConfig", "spec", "type")]
    [InlineData("MCPAuthzConfig", "spec", "config type")]
    [InlineData("VirtualMCPCompositeToolDefinition", "spec", "name steps")]
    [InlineData("VirtualMCPServer", "spec.config", "")]
    [InlineData("EmbeddingServer", "spec", "")]
    public void What_must_be_there_is_required(string kind, string path, string expected) =>
        Texts(At(kind, path)["required"]).ShouldBe(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static JsonObject Schema(string kind) =>
        ByKind[kind]["spec"]!["versions"]!.AsArray().Single(v => v!["storage"]!.GetValue<bool>())!["schema"]!["openAPIV3Schema"]!.AsObject();

    private static JsonObject At(string kind, string path)
    {
        JsonObject? found = null;
        Walk(Schema(kind), "", (at, schema) => found = at == path ? schema : found);
        return found ?? throw new InvalidOperationException($"{kind} has no {path}");
    }

    private static void Walk(JsonObject schema, string path, Action<string, JsonObject> visit)
    {
        if (path.Length > 0)
            visit(path, schema);
        foreach ((string name, JsonNode? property) in schema["properties"]?.AsObject() ?? [])
            Walk(property!.AsObject(), path.Length == 0 ? name : $"{path}.{name}", visit);
        if (schema["items"] is JsonObject items)
            Walk(items, path + "[]", visit);
        if (schema["additionalProperties"] is JsonObject values)
            Walk(values, path + "[]", visit);
    }

    private static IEnumerable<string> Texts(JsonNode? array) => array?.AsArray().Select(item => item!.GetValue<string>()) ?? [];
}
