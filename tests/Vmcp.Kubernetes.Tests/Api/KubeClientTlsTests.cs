using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Config;
using Vmcp.Kubernetes.Objects;
using Vmcp.Kubernetes.Tests.Support;
using Vmcp.TestKit;

namespace Vmcp.Kubernetes.Tests.Api;

public sealed class KubeClientTlsTests : IDisposable
{
    private static readonly ObjectKey Key = new("a", "x");
    private static readonly Func<Microsoft.AspNetCore.Http.HttpContext, Task> One = ScriptedApi.Answer(200, """{"metadata":{"name":"x"}}""");

    // Good for api.internal only, though the tests connect to 127.0.0.1.
    private readonly X509Certificate2 _certificate = Certificate("api.internal");

    public void Dispose() => _certificate.Dispose();

    [Fact]
    public async Task The_authority_and_the_name_of_the_certificate_are_checked()
    {
        await using ScriptedApi api = await ScriptedApi.StartAsync(_certificate, One);
        using X509Certificate2 stranger = Certificate("api.internal");

        (await TryAsync(api, new() { Server = api.Url, Source = "t", Authorities = [_certificate], TlsServerName = "api.internal" })).ShouldBeNull();
        (await TryAsync(api, new() { Server = api.Url, Source = "t", SkipTlsVerify = true })).ShouldBeNull();
        (await TryAsync(api, new() { Server = api.Url, Source = "t", Authorities = [_certificate] })).ShouldBe(KubeError.Unreachable);
        (await TryAsync(api, new() { Server = api.Url, Source = "t", Authorities = [stranger], TlsServerName = "api.internal" })).ShouldBe(KubeError.Unreachable);
        (await TryAsync(api, new() { Server = api.Url, Source = "t", TlsServerName = "api.internal" })).ShouldBe(KubeError.Unreachable);
    }

    [Fact]
    public async Task A_new_authority_in_the_file_is_believed_without_a_restart_and_only_for_the_right_name()
    {
        string path = Path.GetTempFileName();
        using X509Certificate2 old = Certificate("api.internal");
        await File.WriteAllTextAsync(path, old.ExportCertificatePem());
        await using ScriptedApi api = await ScriptedApi.StartAsync(_certificate, One);
        KubeConfig config = new() { Server = api.Url, Source = "t", Authorities = [old], AuthoritiesFile = path, TlsServerName = "api.internal" };
        using KubeClient client = new(config, TimeProvider.System, NullLogger.Instance);
        (await Should.ThrowAsync<KubeException>(() => client.GetAsync(BuiltIn.ConfigMap, Key, CancellationToken.None))).Error.ShouldBe(KubeError.Unreachable);

        await File.WriteAllTextAsync(path, _certificate.ExportCertificatePem());

        (await client.GetAsync(BuiltIn.ConfigMap, Key, CancellationToken.None)).ShouldNotBeNull();
        (await TryAsync(api, new() { Server = api.Url, Source = "t", Authorities = [old], AuthoritiesFile = path })).ShouldBe(KubeError.Unreachable);
        File.Delete(path);
    }

    [Fact]
    public async Task A_watch_over_http_2_is_cut_alone_and_told()
    {
        TaskCompletionSource seen = new();
        await using ScriptedApi api = await ScriptedApi.StartAsync(
            _certificate, One, ScriptedApi.ThenCut(ScriptedApi.Watch(ScriptedApi.Event("ADDED", "x", "8"), "{\"type\""), seen.Task), One);
        using KubeClient client = new(
            new KubeConfig { Server = api.Url, Source = "t", SkipTlsVerify = true }, TimeProvider.System, NullLogger.Instance);
        await client.GetAsync(BuiltIn.ConfigMap, Key, CancellationToken.None);
        List<WatchEvent> events = [];
        Task watch = KubeClientTests.WatchAsync(client, events);
        await Eventually.BecomesAsync(() => events.Count == 1, "the event");

        seen.SetResult();

        (await Should.ThrowAsync<KubeException>(() => watch.WaitAsync(Eventually.DefaultLimit))).Error.ShouldBe(KubeError.Unreachable);
        (await client.GetAsync(BuiltIn.ConfigMap, Key, CancellationToken.None)).ShouldNotBeNull();
        api.Requests.Select(r => r.Protocol).Distinct().ShouldBe(["HTTP/2"]);
    }

    private static async Task<KubeError?> TryAsync(ScriptedApi api, KubeConfig config)
    {
        using KubeClient client = new(config, TimeProvider.System, NullLogger.Instance);
        int before = api.Requests.Length;
        try
        {
            await client.GetAsync(BuiltIn.ConfigMap, Key, CancellationToken.None);
            return null;
        }
        catch (KubeException e)
        {
            api.Requests.Length.ShouldBe(before);
            return e.Error;
        }
    }

    private static X509Certificate2 Certificate(string name)
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
