using System.Text;
using Vmcp.Operator.Planning;

namespace Vmcp.Discovery.Tests.Parity;

/// <summary>The variables a container gets, as the kubelet makes them (core/v1 EnvVar): in order, each may refer to those before it.</summary>
internal static class Kubelet
{
    public static Dictionary<string, string> Variables(IEnumerable<EnvVar> variables, IReadOnlyDictionary<string, Dictionary<string, string>> secrets)
    {
        Dictionary<string, string> made = [];
        foreach (EnvVar variable in variables)
        {
            switch (variable)
            {
                case EnvVar.Text text:
                    made[text.Name] = Expand(text.Value, made);
                    break;
                case EnvVar.FromSecret from when secrets.GetValueOrDefault(from.Secret)?.TryGetValue(from.Key, out string? value) == true:
                    made[from.Name] = value!;
                    break;
                case EnvVar.FromSecret { Optional: false, Key: "hmac-secret" } own:
                    made[own.Name] = "of the session key the operator makes";
                    break;
                case EnvVar.FromSecret { Optional: false } from:
                    throw new InvalidOperationException($"the pod would not start for want of {from.Secret}/{from.Key}");
            }
        }

        return made;
    }

    private static string Expand(string text, Dictionary<string, string> made)
    {
        StringBuilder expanded = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
                expanded.Append(text[i]);
            else if (text[i + 1] == '$')
                expanded.Append(text[i++]);
            else if (text[i + 1] == '(' && text.IndexOf(')', i) is var end and > 0)
            {
                expanded.Append(made.GetValueOrDefault(text[(i + 2)..end], text[i..(end + 1)]));
                i = end;
            }
            else
                expanded.Append('$');
        }

        return expanded.ToString();
    }
}
