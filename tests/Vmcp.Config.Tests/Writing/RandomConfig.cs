using System.Reflection;
using Vmcp.Config.Model;
using Vmcp.Config.Values;
using Vmcp.Core.Backends;
using Vmcp.Core.Values;

namespace Vmcp.Config.Tests.Writing;

/// <summary>Fills a configuration at random by its types, so that a new setting is covered without a word here.</summary>
internal sealed class RandomConfig(int seed)
{
    private static readonly string[] Texts =
    [
        "", " ", "a", "yes", "No", "on", "null", "~", "true", "5", "1.10", "0x1F", ".5", "1e3", "{workload}_", "a: b", "a #b", "- x", "*a", "&a", "!t",
        "%", "@", "`", "'q'", "\"q\"", "back\\slash", "line\nbreak", "tab\there", "cr\rlf\r\n", "trailing ", " leading", "ende:", "http://a:80/mcp?q=1",
        "äöü", "日本", "😀", "\u2028\u0085\ufeff\u00a0", "\u0001\u001f\u007f", "2026-07-28", "12:30:00", "<<", "=", "...", "---", "[a]", "{{.params.x}}",
    ];

    private readonly Random _random = new(seed);

    public GatewayConfig Next() => (GatewayConfig)Record(typeof(GatewayConfig), 0);

    private object Record(Type type, int depth)
    {
        object record = Activator.CreateInstance(type)!;
        foreach (PropertyInfo property in type.GetProperties().Where(p => p.CanWrite))
        {
            if (_random.Next(3) > 0 && Value(property.PropertyType, property.Name, depth + 1) is { } value)
                property.SetValue(record, value);
        }

        return record;
    }

    private object? Value(Type declared, string name, int depth)
    {
        Type type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (depth > 8)
            return null;
        if (type == typeof(string))
            return Text();
        if (type == typeof(Secret))
            return new Secret(Text());
        if (type == typeof(bool))
            return _random.Next(2) == 0;
        if (type == typeof(int))
            return _random.Next(int.MinValue, int.MaxValue);
        if (type == typeof(long))
            return _random.NextInt64(long.MinValue, long.MaxValue);
        if (type == typeof(decimal))
            return _random.Next(1_000_000) / 10_000m;
        if (type == typeof(TimeSpan))
            return TimeSpan.FromTicks((long)Math.Pow(10, _random.NextDouble() * 15));
        if (type.IsEnum)
            return Enum.GetValues(type).GetValue(_random.Next(Enum.GetValues(type).Length));
        if (type == typeof(FreeValue))
            return FreeValue.Parse(Json(name == "Default" ? _random.Next(1, 6) : 5, 0));
        if (type.IsGenericType)
        {
            Type item = type.GetGenericArguments()[0];
            string method = type.GetGenericTypeDefinition() == typeof(SortedMap<>) ? nameof(Map) : nameof(List);
            return GetType().GetMethod(method, BindingFlags.NonPublic | BindingFlags.Instance)!.MakeGenericMethod(item).Invoke(this, [name, depth]);
        }

        return Record(type, depth);
    }

    private EquatableArray<T> List<T>(string name, int depth) =>
        [.. Enumerable.Range(0, _random.Next(4)).Select(_ => Value(typeof(T), name, depth + 1)).OfType<T>()];

    private SortedMap<T> Map<T>(string name, int depth) =>
        SortedMap.Create(
            from _ in Enumerable.Range(0, _random.Next(4))
            let value = Value(typeof(T), name, depth + 1)
            where value is not null
            select new KeyValuePair<string, T>(Text(), (T)value));

    private string Text() => Texts[_random.Next(Texts.Length)];

    private string Json(int kind, int depth) => kind switch
    {
        0 => "null",
        1 => "true",
        2 => _random.Next(2) == 0 ? "12345678901234567890123" : "-1.5e-7",
        3 => System.Text.Json.JsonSerializer.Serialize(Text()),
        4 => $"[{string.Join(',', Enumerable.Range(0, _random.Next(3)).Select(_ => Json(depth > 3 ? 1 : _random.Next(6), depth + 1)))}]",
        _ => $"{{{string.Join(',', Texts.Where(_ => _random.Next(20) == 0).Select(k => $"{System.Text.Json.JsonSerializer.Serialize(k)}:{Json(depth > 3 ? 1 : _random.Next(6), depth + 1)}"))}}}",
    };
}
