using System.Globalization;
using System.Xml;

using Vmcp.Core.Backends;

namespace Vmcp.Auth.Aws;

/// <summary>What an answer of STS holds, read from its XML.</summary>
/// <param name="Credentials">The credentials; null when there are none that can be used.</param>
/// <param name="ErrorCode">The error code as it came, only to be compared with known ones; null for none.</param>
internal sealed record StsAnswer(AwsCredentials? Credentials, string? ErrorCode)
{
    /// <summary>The longest answer that is read, in characters; a real one has 2,000.</summary>
    private const int MaxCharacters = 64 * 1024;

    private const int MaxDepth = 8;

    /// <summary>Reads an answer. What is not understood is an answer without anything in it.</summary>
    public static StsAnswer Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return Of(Leaves(body));
        }
        catch (XmlException)
        {
            return new StsAnswer(null, null);
        }
    }

    private static StsAnswer Of(Dictionary<string, string> leaves)
    {
        const string at = "/AssumeRoleWithWebIdentityResponse/AssumeRoleWithWebIdentityResult/Credentials/";
        string? error = leaves.GetValueOrDefault("/ErrorResponse/Error/Code");
        bool whole = IsHeaderText(leaves.GetValueOrDefault(at + "AccessKeyId"), out string id)
            & IsHeaderText(leaves.GetValueOrDefault(at + "SecretAccessKey"), out string secret)
            & IsHeaderText(leaves.GetValueOrDefault(at + "SessionToken"), out string token);
        if (!whole || !DateTimeOffset.TryParse(
            leaves.GetValueOrDefault(at + "Expiration"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset expiration)
            || expiration.Year < 2000)
        {
            return new StsAnswer(null, error);
        }

        return new StsAnswer(new AwsCredentials(id, new Secret(secret), new Secret(token), expiration), error);
    }

    // Two of them are put on requests: nothing may break out of a header.
    private static bool IsHeaderText(string? text, out string value)
    {
        value = text?.Trim() ?? "";
        return value.Length > 0 && !value.AsSpan().ContainsAnyExceptInRange('!', '~');
    }

    // The text of each element without children, by the path to it, without namespaces; of several the first.
    private static Dictionary<string, string> Leaves(ReadOnlyMemory<byte> body)
    {
        XmlReaderSettings settings = new()
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = MaxCharacters,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        };
        Dictionary<string, string> leaves = [];
        Stack<string> path = new(["/"]);
        using MemoryStream stream = new(body.ToArray(), writable: false);
        using XmlReader reader = XmlReader.Create(stream, settings);
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element && !reader.IsEmptyElement)
            {
                if (path.Count > MaxDepth)
                    throw new XmlException("The answer is too deep.");
                path.Push($"{path.Peek()}{reader.LocalName}/");
            }
            else if (reader.NodeType == XmlNodeType.EndElement)
            {
                path.Pop();
            }
            else if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA)
            {
                leaves.TryAdd(path.Peek()[..^1], reader.Value);
            }
        }

        return leaves;
    }
}
