using Vmcp.Resources;

namespace Vmcp.Operator.Planning.Document;

/// <summary>Variables every gateway's process gets, whatever it serves (operator 2.5).</summary>
internal static class ProcessPart
{
    private const string SecretPrefix = "TOOLHIVE_SECRET_";

    public static void Add(VirtualMCPServer server, bool inline, PodNeeds needs)
    {
        string name = server.Metadata.Name;
        Text(EnvGroup.Identity, "VMCP_NAME", name);
        Text(EnvGroup.Identity, "VMCP_NAMESPACE", server.Metadata.Namespace);
        // Said, not guessed from the two above: an inline pod has no account to report with (operator 5.5).
        Text(EnvGroup.Identity, "VMCP_STATUS_REPORTER", inline ? "none" : "kubernetes");
        string key = $"{name}-hmac-secret";
        needs.Add(EnvGroup.Session, new EnvVar.FromSecret("VMCP_SESSION_HMAC_SECRET", key, "hmac-secret", Optional: false));
        needs.Unversioned(key);
        Text(EnvGroup.Process, "HOME", "/tmp");
        Text(EnvGroup.Process, "XDG_CONFIG_HOME", "/tmp");
        Text(EnvGroup.Process, "TOOLHIVE_RUNTIME", "kubernetes");
        Text(EnvGroup.Process, "UNSTRUCTURED_LOGS", "false");
        if (needs.Env().Any(v => v.Name.StartsWith(SecretPrefix, StringComparison.Ordinal)))
            Text(EnvGroup.Process, "TOOLHIVE_SECRETS_PROVIDER", "environment");

        void Text(EnvGroup group, string variable, string value) => needs.Add(group, new EnvVar.Text(variable, value));
    }
}
