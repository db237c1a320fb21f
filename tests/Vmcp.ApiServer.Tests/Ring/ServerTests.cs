using System.Diagnostics;
using System.Net;
using Vmcp.KubeKit.Audit;

namespace Vmcp.ApiServer.Tests.Ring;

/// <summary>The ring itself: what the other tests stand on.</summary>
public sealed class ServerTests(SharedApiServer shared)
{
    private readonly Server _server = shared.Server;

    [Fact]
    public async Task Kubectl_speaks_to_it()
    {
        string name = await _server.CreateNamespaceAsync();

        (await _server.KubectlAsync("get", "namespace", name, "-o", "name")).ShouldBe($"namespace/{name}");
        (await Should.ThrowAsync<InvalidOperationException>(() => _server.KubectlAsync("get", "namespace", "not-there"))).Message.ShouldContain("not found");
    }

    [Fact]
    public async Task A_service_account_token_is_known_and_may_nothing()
    {
        string name = await _server.CreateNamespaceAsync();
        string kubeconfig = _server.WriteKubeconfigForToken(await _server.TokenForServiceAccountAsync(name, "worker"), name);

        (int code, string output) = await _server.TryKubectlAsync(kubeconfig, "get", "secrets");

        code.ShouldNotBe(0);
        output.ShouldContain($"system:serviceaccount:{name}:worker");
    }

    [Fact]
    public async Task The_audit_tells_who_asked_what()
    {
        string name = await _server.CreateNamespaceAsync();
        string kubeconfig = _server.WriteKubeconfigForToken(await _server.TokenForServiceAccountAsync(name, "asker"), name);
        await _server.TryKubectlAsync(kubeconfig, "get", "secret", "jam");

        AuditEvent asked = (await _server.ReadAuditAsync()).Single(e => e.Namespace == name && e.Resource == "secrets");

        asked.ShouldSatisfyAllConditions(
            () => asked.Verb.ShouldBe("get"),
            () => asked.Name.ShouldBe("jam"),
            () => asked.User.ShouldBe($"system:serviceaccount:{name}:asker"),
            () => asked.Code.ShouldBe((int)HttpStatusCode.Forbidden),
            () => asked.IsWrite.ShouldBeFalse());
    }

    [Fact]
    public async Task After_disposal_neither_its_processes_nor_its_files_remain()
    {
        await using Server server = await Server.StartAsync(new ApiServerOptions { WatchCache = false });
        (int api, int etcd) = server.ProcessIds;
        string folder = server.Folder;
        Process.GetProcessById(api).HasExited.ShouldBeFalse();

        await server.DisposeAsync();

        Should.Throw<ArgumentException>(() => Process.GetProcessById(api));
        Should.Throw<ArgumentException>(() => Process.GetProcessById(etcd));
        Directory.Exists(folder).ShouldBeFalse();
    }

    [Fact]
    public async Task A_start_that_fails_says_why_and_leaves_nothing()
    {
        // A place of its own: other servers of this machine come and go in the shared one.
        DirectoryInfo parent = Directory.CreateTempSubdirectory("vmcp-ring-");
        try
        {
            var failure = await Should.ThrowAsync<InvalidOperationException>(() => Server.StartAsync(new ApiServerOptions
            {
                Flags = ["--authorization-mode=NoSuchMode", "--etcd-prefix=", "--secure-port=-1"],
                Folder = parent.FullName,
            }));

            failure.Message.ShouldContain("kube-apiserver ended");
            parent.EnumerateFileSystemInfos().ShouldBeEmpty();
        }
        finally
        {
            parent.Delete(recursive: true);
        }
    }

    [Fact]
    public void Missing_binaries_fail_with_the_remedy()
    {
        Should.Throw<InvalidOperationException>(() => Assets.Find("")).Message.ShouldContain("setup-envtest use -p path");
        Should.Throw<InvalidOperationException>(() => Assets.Find(AppContext.BaseDirectory)).Message.ShouldContain("has no etcd, kube-apiserver, kubectl");
    }
}
