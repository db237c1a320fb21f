using System.Text;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Resources.Tests.Records;

public sealed class ReadingTests
{
    [Fact]
    public void Missing_and_null_lists_maps_and_blocks_never_become_null()
    {
        MCPServerEntry bare = ResourceReader.Read(Object("""{"metadata":{"name":"a"}}"""), ResourcesJson.Default.MCPServerEntry);
        bare.Kind.ShouldBe("MCPServerEntry");
        bare.ApiVersion.ShouldBe("toolhive.stacklok.dev/v1beta1");
        bare.Metadata.Namespace.ShouldBe("");
        bare.Metadata.Labels.ShouldBeEmpty();
        bare.Spec.RemoteUrl.ShouldBe("");
        bare.Status.Conditions.ShouldBeEmpty();

        MCPServerEntry nulls = ResourceReader.Read(
            Object("""{"metadata":{"name":"a"},"spec":{"remoteUrl":null,"headerForward":{"addPlaintextHeaders":null,"addHeadersFromSecret":null}},"status":null}"""),
            ResourcesJson.Default.MCPServerEntry);
        nulls.Spec.RemoteUrl.ShouldBe("");
        nulls.Spec.HeaderForward!.AddPlaintextHeaders.ShouldBeEmpty();
        nulls.Spec.HeaderForward.AddHeadersFromSecret.ShouldBeEmpty();
        nulls.Status.Conditions.ShouldBeEmpty();
    }

    [Fact]
    public void A_field_of_the_wrong_form_is_named_with_its_object_but_not_its_value()
    {
        ResourceFormException wrong = Should.Throw<ResourceFormException>(() => ResourceReader.Read(
            Object("""{"metadata":{"name":"shop","namespace":"team"},"spec":{"replicas":"hunter2"}}"""), ResourcesJson.Default.VirtualMCPServer));

        wrong.Message.ShouldBe(
            "VirtualMCPServer \"team/shop\": spec.replicas: found a text; see kubectl explain virtualmcpserver.spec.replicas");
    }

    [Fact]
    public void A_wrong_item_of_a_list_is_named_by_its_place()
    {
        ResourceFormException wrong = Should.Throw<ResourceFormException>(() => ResourceReader.Read(
            Object("""{"metadata":{"name":"shop"},"spec":{"passthroughHeaders":["a",7]}}"""), ResourcesJson.Default.VirtualMCPServer));

        wrong.Message.ShouldBe(
            "VirtualMCPServer \"shop\": spec.passthroughHeaders[1]: found a number that does not fit; see kubectl explain virtualmcpserver.spec.passthroughHeaders");
    }

    [Fact]
    public void Letters_that_trap_a_naming_policy_are_read_as_the_schema_spells_them()
    {
        MCPOIDCConfig config = ResourceReader.Read(
            Object("""
                {"metadata":{"name":"a"},"spec":{"type":"inline","inline":{"issuer":"https://id","jwksUrl":"https://id/keys",
                "jwksAllowPrivateIP":true,"protectedResourceAllowPrivateIP":true,"insecureAllowHTTP":true,"caBundleRef":{"configMapRef":{"key":"ca.crt"}}}}}
                """),
            ResourcesJson.Default.MCPOIDCConfig);

        InlineOidcSpec inline = config.Spec.Inline!;
        inline.JwksUrl.ShouldBe("https://id/keys");
        inline.JwksAllowPrivateIP.ShouldBe(true);
        inline.ProtectedResourceAllowPrivateIP.ShouldBe(true);
        inline.InsecureAllowHTTP.ShouldBe(true);
        inline.CaBundleRef!.ConfigMapRef!.Key.ShouldBe("ca.crt");
    }

    private static KubeObject Object(string json) => KubeObject.Parse(Encoding.UTF8.GetBytes(json));
}
