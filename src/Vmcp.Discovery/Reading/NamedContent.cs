using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;

namespace Vmcp.Discovery.Reading;

/// <summary>What is known of a Secret or ConfigMap that is read by name.</summary>
/// <param name="Data">Its data as text; null when there is no such object, or it was never read.</param>
/// <param name="Refusal">Why the newest read failed, or null. <paramref name="Data"/> is then what was read before.</param>
internal sealed record NamedContent(ImmutableSortedDictionary<string, string>? Data, KubeError? Refusal)
{
    /// <summary>Keys that are there and hold no text in UTF-8, which neither a credential nor a certificate can be; not among <see cref="Data"/>.</summary>
    public ImmutableSortedSet<string> NotText { get; init; } = [];

    /// <summary>The object does not exist.</summary>
    public static NamedContent Missing { get; } = new(null, null);

    /// <summary>The data of an object; what is not text in UTF-8 cannot be a credential or a certificate and is left out.</summary>
    public static NamedContent Of(ResourceType type, KubeObject item)
    {
        bool encoded = type == BuiltIn.Secret;
        ImmutableSortedDictionary<string, string>.Builder data = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        ImmutableSortedSet<string>.Builder notText = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        if (item.At("data") is { ValueKind: JsonValueKind.Object } members)
        {
            foreach (JsonProperty member in members.EnumerateObject())
            {
                if (Text(member.Value, encoded) is { } text)
                    data[member.Name] = text;
                else
                    notText.Add(member.Name);
            }
        }

        return new NamedContent(data.ToImmutable(), null) { NotText = notText.ToImmutable() };
    }

    /// <summary>Whether two contents lead to the same backends.</summary>
    public bool SameAs(NamedContent? other) => other is not null && Refusal == other.Refusal && NotText.SequenceEqual(other.NotText)
        && (ReferenceEquals(Data, other.Data) || (Data is not null && other.Data is not null && Data.SequenceEqual(other.Data)));

    /// <summary>Hides the data.</summary>
    public override string ToString() => $"{Data?.Count.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no"} keys, {Refusal?.ToString() ?? "read"}";

    private static string? Text(JsonElement value, bool encoded)
    {
        if (value.ValueKind != JsonValueKind.String)
            return null;
        if (!encoded)
            return value.GetString();
        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(value.GetBytesFromBase64());
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }
}
