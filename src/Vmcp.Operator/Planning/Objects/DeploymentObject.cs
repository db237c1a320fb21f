using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;
using Vmcp.Operator.Planning.Templates;

namespace Vmcp.Operator.Planning.Objects;

/// <summary>The Deployment of the gateway (operator.md 2.5).</summary>
/// <param name="Deployment">The object; null when the user's patch cannot be used.</param>
/// <param name="TemplateHash">Hash of the rendered template; empty without one.</param>
/// <param name="Problems">What is wrong with the patch.</param>
internal sealed record DeploymentPlan(DesiredObject? Deployment, string TemplateHash, IReadOnlyList<string> Problems);

/// <summary>Makes the Deployment.</summary>
internal static class DeploymentObject
{
    public static DeploymentPlan Of(ChildInput input)
    {
        (JsonObject? template, IReadOnlyList<string> problems) = PatchedTemplate.Of(PodTemplate.Of(input), input.PodTemplatePatch);
        if (template is null)
            return new DeploymentPlan(null, "", problems);
        string hash = Checksums.Template(template);
        template["metadata"]!["annotations"]![Annotations.TemplateHash] = hash;
        JsonObject body = Manifest.Of(
            input,
            BuiltIn.Deployment,
            ChildNames.Deployment(input.Server.Name),
            annotations: [new(Annotations.TemplateHash, hash)]);
        JsonObject spec = [];

        // Unset leaves the number to an autoscaler or to kubectl scale.
        if (input.Replicas is { } replicas)
            spec["replicas"] = replicas;
        spec["selector"] = new JsonObject { ["matchLabels"] = ChildNames.LabelObject(input.Server.Name) };
        spec["strategy"] = new JsonObject
        {
            ["type"] = "RollingUpdate",
            ["rollingUpdate"] = new JsonObject { ["maxUnavailable"] = 0, ["maxSurge"] = 1 },
        };
        spec["template"] = template;
        body["spec"] = spec;
        return new DeploymentPlan(new DesiredObject(BuiltIn.Deployment, body), hash, []);
    }
}
