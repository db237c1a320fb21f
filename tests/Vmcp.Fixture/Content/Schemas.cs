namespace Vmcp.Fixture.Content;

/// <summary>JSON Schemas of tools and of what they ask the user for.</summary>
internal static class Schemas
{
    public const string Burst = """{"type":"object","properties":{"count":{"type":"integer","minimum":1}}}""";

    public const string Prompt = """{"type":"object","properties":{"prompt":{"type":"string"}},"required":["prompt"]}""";

    public const string Message = """{"type":"object","properties":{"message":{"type":"string"}},"required":["message"]}""";

    public const string AskName = """{"type":"object","properties":{"user_name":{"type":"string"}},"required":["user_name"]}""";

    public const string AskColor = """{"type":"object","properties":{"color":{"type":"string"}},"required":["color"]}""";

    public const string AskOk = """{"type":"object","properties":{"ok":{"type":"boolean"}},"required":["ok"]}""";

    public const string AskContext = """{"type":"object","properties":{"context":{"type":"string"}},"required":["context"]}""";

    public const string AskUser = """
        {
          "type": "object",
          "properties": {
            "username": { "type": "string", "description": "User's response" },
            "email": { "type": "string", "description": "User's email address" }
          },
          "required": ["username", "email"]
        }
        """;

    public const string AskDefaults = """
        {
          "type": "object",
          "properties": {
            "name": { "type": "string", "description": "User name", "default": "John Doe" },
            "age": { "type": "integer", "description": "User age", "default": 30 },
            "score": { "type": "number", "description": "User score", "default": 95.5 },
            "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
            "verified": { "type": "boolean", "description": "Is verified", "default": true }
          }
        }
        """;

    public const string AskEnums = """
        {
          "type": "object",
          "properties": {
            "untitledSingle": { "type": "string", "enum": ["option1", "option2", "option3"] },
            "titledSingle": {
              "type": "string",
              "oneOf": [
                { "const": "value1", "title": "First Option" },
                { "const": "value2", "title": "Second Option" },
                { "const": "value3", "title": "Third Option" }
              ]
            },
            "legacyEnum": {
              "type": "string",
              "enum": ["opt1", "opt2", "opt3"],
              "enumNames": ["Option One", "Option Two", "Option Three"]
            },
            "untitledMulti": {
              "type": "array",
              "items": { "type": "string", "enum": ["option1", "option2", "option3"] }
            },
            "titledMulti": {
              "type": "array",
              "items": {
                "anyOf": [
                  { "const": "value1", "title": "First Choice" },
                  { "const": "value2", "title": "Second Choice" },
                  { "const": "value3", "title": "Third Choice" }
                ]
              }
            }
          }
        }
        """;

    public const string Headers = """
        {
          "type": "object",
          "properties": {
            "region": { "type": "string", "x-mcp-header": "Region" },
            "priority": { "type": "integer", "x-mcp-header": "Priority" },
            "verbose": { "type": "boolean", "x-mcp-header": "Verbose" },
            "query": { "type": "string" }
          },
          "required": ["region"]
        }
        """;

    public const string Draft202012 = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "$defs": {
            "address": {
              "$anchor": "addressDef",
              "type": "object",
              "properties": { "street": { "type": "string" }, "city": { "type": "string" } }
            }
          },
          "properties": {
            "name": { "type": "string" },
            "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" },
            "email": { "type": "string" }
          },
          "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
          "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
          "then": { "required": ["phone"] },
          "else": { "required": ["email"] },
          "additionalProperties": false
        }
        """;
}
