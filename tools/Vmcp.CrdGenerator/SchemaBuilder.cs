using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vmcp.Resources.Schema;

namespace Vmcp.CrdGenerator;

/// <summary>Turns a record into a structural schema (CustomResourceDefinition v1, JSONSchemaProps).</summary>
internal sealed class SchemaBuilder(Docstrings docs)
{
    /// <summary>The schema of a whole kind: spec and status are described by their own records.</summary>
    public JsonObject Root(Type kind)
    {
        Type[] parts = kind.BaseType!.GetGenericArguments();
        return new JsonObject
        {
            ["description"] = docs.Of(kind),
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["apiVersion"] = new JsonObject { ["description"] = "The version of the schema the object is written in.", ["type"] = "string" },
                ["kind"] = new JsonObject { ["description"] = "The kind of the object.", ["type"] = "string" },
                ["metadata"] = new JsonObject { ["type"] = "object" },
                ["spec"] = Ordered(Object(parts[0], docs.Of(parts[0]))),
                ["status"] = Ordered(Object(parts[1], docs.Of(parts[1]))),
            },
        };
    }

    private JsonObject Object(Type type, string description)
    {
        JsonObject schema = new() { ["description"] = description, ["type"] = "object" };
        List<string> required = [];
        JsonObject properties = [];
        // Base types' members come last from reflection; names sorted make the file independent of that.
        foreach (PropertyInfo property in Members(type).OrderBy(JsonName, StringComparer.Ordinal))
        {
            properties[JsonName(property)] = Property(property);
            if (property.IsDefined(typeof(RequiredAttribute)))
                required.Add(JsonName(property));
        }

        if (properties.Count > 0)
            schema["properties"] = properties;
        if (required.Count > 0)
            schema["required"] = Texts(required);
        Rules(schema, type);
        return schema;
    }

    private static IEnumerable<PropertyInfo> Members(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite);

    private static string JsonName(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    private JsonObject Property(PropertyInfo property)
    {
        JsonObject schema = Value(property, property.PropertyType, docs.Of(property));
        if (property.GetCustomAttribute<DefaultAttribute>() is { } byDefault)
            schema["default"] = JsonSerializer.SerializeToNode(byDefault.Value);
        Bound(schema, property.GetCustomAttributes<BoundsAttribute>().SingleOrDefault(b => b is not ItemBoundsAttribute));
        ListKind(schema, property);
        Rules(schema, property);
        return Ordered(schema);
    }

    private JsonObject Value(PropertyInfo property, Type declared, string description)
    {
        Type type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(JsonElement))
            return Raw(property, description);
        if (Item(type, typeof(IReadOnlyList<>)) is { } item)
            return new JsonObject { ["description"] = description, ["type"] = "array", ["items"] = ItemValue(property, item) };
        if (Item(type, typeof(IReadOnlyDictionary<,>)) is { } value)
            return new JsonObject { ["description"] = description, ["type"] = "object", ["additionalProperties"] = ItemValue(property, value) };

        JsonObject? scalar = Scalar(type);
        if (scalar is null)
            return Object(type, description);
        scalar["description"] = description;
        if (property.GetCustomAttribute<OneOfAttribute>() is { } oneOf)
            scalar["enum"] = Texts(oneOf.Values);
        return scalar;
    }

    private JsonObject ItemValue(PropertyInfo property, Type type)
    {
        JsonObject schema = Scalar(type) ?? Object(type, docs.Of(type));
        Bound(schema, property.GetCustomAttribute<ItemBoundsAttribute>());
        return Ordered(schema);
    }

    private JsonObject Raw(PropertyInfo property, string description)
    {
        JsonObject schema = property.GetCustomAttribute<SchemaOfAttribute>() is { } of
            ? Object(of.Type, description)
            : new JsonObject { ["description"] = description };
        bool any = property.IsDefined(typeof(AnyValueAttribute));
        if (any == property.IsDefined(typeof(PreserveUnknownFieldsAttribute)))
            throw new InvalidOperationException($"{property.DeclaringType!.Name}.{property.Name} needs either AnyValue or PreserveUnknownFields");
        if (!any)
            schema["type"] = "object";
        schema["x-kubernetes-preserve-unknown-fields"] = true;
        return schema;
    }

    private static JsonObject? Scalar(Type type) =>
        type == typeof(string) ? new JsonObject { ["type"] = "string" }
        : type == typeof(bool) ? new JsonObject { ["type"] = "boolean" }
        : type == typeof(int) ? new JsonObject { ["type"] = "integer", ["format"] = "int32" }
        : type == typeof(long) ? new JsonObject { ["type"] = "integer", ["format"] = "int64" }
        : type == typeof(DateTimeOffset) ? new JsonObject { ["type"] = "string", ["format"] = "date-time" }
        : null;

    private static Type? Item(Type type, Type generic) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == generic ? type.GetGenericArguments()[^1] : null;

    private static void Bound(JsonObject schema, BoundsAttribute? bounds)
    {
        if (bounds is null)
            return;
        if (bounds.Min != long.MinValue)
            schema["minimum"] = bounds.Min;
        if (bounds.Max != long.MaxValue)
            schema["maximum"] = bounds.Max;
        AddCount(schema, "minLength", bounds.MinLength);
        AddCount(schema, "maxLength", bounds.MaxLength);
        AddCount(schema, "minItems", bounds.MinItems);
        AddCount(schema, "maxItems", bounds.MaxItems);
        AddCount(schema, "maxProperties", bounds.MaxProperties);
        if (bounds.Pattern is not null)
            schema["pattern"] = bounds.Pattern;
    }

    private static void AddCount(JsonObject schema, string name, int count)
    {
        if (count >= 0)
            schema[name] = count;
    }

    private static void ListKind(JsonObject schema, PropertyInfo property)
    {
        if (property.GetCustomAttribute<ListMapAttribute>() is { } map)
        {
            schema["x-kubernetes-list-map-keys"] = new JsonArray(map.Key);
            schema["x-kubernetes-list-type"] = "map";
        }

        if (property.IsDefined(typeof(ListSetAttribute)))
            schema["x-kubernetes-list-type"] = "set";
        if (property.IsDefined(typeof(ListAtomicAttribute)))
            schema["x-kubernetes-list-type"] = "atomic";
    }

    private static void Rules(JsonObject schema, MemberInfo member)
    {
        if (member.IsDefined(typeof(PreserveUnknownFieldsAttribute)))
            schema["x-kubernetes-preserve-unknown-fields"] = true;
        JsonArray rules = schema["x-kubernetes-validations"] as JsonArray ?? [];
        foreach (CelAttribute rule in member.GetCustomAttributes<CelAttribute>())
        {
            JsonObject written = new() { ["rule"] = rule.Rule, ["message"] = rule.Message };
            if (rule.FieldPath is not null)
                written["fieldPath"] = rule.FieldPath;
            rules.Add((JsonNode)written);
        }

        if (rules.Count > 0 && rules.Parent is null)
            schema["x-kubernetes-validations"] = rules;
    }

    // What a reader asks first stands first: meaning, type, default and bounds, then what is inside, then what only the server needs.
    private static JsonObject Ordered(JsonObject schema)
    {
        string[] first = ["description", "type", "format", "default", "enum"];
        string[] last = ["items", "additionalProperties", "properties", "required"];
        int Rank(string name) =>
            Array.IndexOf(first, name) is >= 0 and int early ? early
            : Array.IndexOf(last, name) is >= 0 and int late ? 200 + late
            : name.StartsWith("x-", StringComparison.Ordinal) ? 300 : 100;
        JsonObject ordered = [];
        foreach ((string name, JsonNode? value) in schema.OrderBy(m => Rank(m.Key)).ThenBy(m => m.Key, StringComparer.Ordinal).ToList())
        {
            schema.Remove(name);
            ordered[name] = value;
        }

        return ordered;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)JsonValue.Create(text))];
}
