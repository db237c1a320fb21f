using System.Text.Json.Nodes;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.KubeKit.Contract;

/// <summary>The objects the contract is tried on.</summary>
public static class Samples
{
    /// <summary>A custom kind with a status, and with each sort of list.</summary>
    public static ResourceType Widget { get; } = new("contract.vmcp.test", "v1", "widgets", "Widget");

    /// <summary>The definition of <see cref="Widget"/>.</summary>
    public static JsonObject WidgetDefinition => Json("""
        {
          "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
          "metadata": { "name": "widgets.contract.vmcp.test" },
          "spec": {
            "group": "contract.vmcp.test", "scope": "Namespaced",
            "names": { "plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList" },
            "versions": [ {
              "name": "v1", "served": true, "storage": true, "subresources": { "status": {} },
              "schema": { "openAPIV3Schema": { "type": "object", "properties": {
                "spec": { "type": "object", "properties": {
                  "size": { "type": "integer" },
                  "color": { "type": "string" },
                  "frame": { "type": "object", "properties": { "width": { "type": "integer" }, "height": { "type": "integer" } } },
                  "words": { "type": "array", "items": { "type": "string" } },
                  "tags": { "type": "array", "items": { "type": "string" }, "x-kubernetes-list-type": "set" },
                  "whole": { "type": "object", "x-kubernetes-map-type": "atomic", "additionalProperties": { "type": "string" } },
                  "parts": { "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                    "items": { "type": "object", "required": ["name"], "properties": {
                      "name": { "type": "string" }, "count": { "type": "integer" }, "note": { "type": "string" } } } } } },
                "status": { "type": "object", "properties": {
                  "phase": { "type": "string" },
                  "conditions": { "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
                    "items": { "type": "object", "required": ["type"], "properties": {
                      "type": { "type": "string" }, "status": { "type": "string" }, "reason": { "type": "string" } } } },
                  "discoveredBackends": { "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                    "items": { "type": "object", "required": ["name"], "properties": {
                      "name": { "type": "string" }, "status": { "type": "string" }, "url": { "type": "string" } } } } } } } } }
            } ]
          }
        }
        """);

    /// <summary>A Deployment with one container.</summary>
    public static JsonObject Deployment(string name) => Json($$"""
        {
          "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "{{name}}" },
          "spec": {
            "replicas": 1, "selector": { "matchLabels": { "app": "{{name}}" } },
            "template": {
              "metadata": { "labels": { "app": "{{name}}" } },
              "spec": { "containers": [ {
                "name": "main", "image": "main:1", "args": ["a", "b"],
                "env": [ { "name": "ONE", "value": "1" }, { "name": "TWO", "value": "2" } ],
                "ports": [ { "containerPort": 80, "name": "http" }, { "containerPort": 90, "name": "admin" } ]
              } ] }
            }
          }
        }
        """);

    /// <summary>A ConfigMap with one key.</summary>
    public static JsonObject ConfigMap(string name, string key = "key", string value = "value") => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["data"] = new JsonObject { [key] = value },
    };

    /// <summary>A widget with this <c>spec</c>, or this <c>status</c>, as JSON.</summary>
    public static JsonObject Of(string name, string? spec = null, string? status = null)
    {
        JsonObject widget = Json($$"""{ "apiVersion": "contract.vmcp.test/v1", "kind": "Widget", "metadata": { "name": "{{name}}" } }""");
        if (spec is not null)
            widget["spec"] = Json(spec);
        if (status is not null)
            widget["status"] = Json(status);
        return widget;
    }

    /// <summary>Reads a JSON object.</summary>
    public static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();
}
