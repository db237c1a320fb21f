using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Vmcp.KubeKit.Server;
using Vmcp.Kubernetes.Api;
using Vmcp.Kubernetes.Objects;
using Vmcp.TestKit;

namespace Vmcp.KubeKit.Kubelet;

/// <summary>The life of one pod: its files and variables, its process with probes and restarts, and its end in the order of a cluster.</summary>
internal sealed class PodRunner(ApiServer server, ICluster cluster, KubeletOptions options, PodAddresses addresses, HttpClient http, string parent, KubeObject pod)
    : IDisposable
{
    private readonly PodSpec _spec = new(pod);
    private readonly TaskCompletionSource _terminating = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _killed = new();
    private readonly Lock _gate = new();
    private readonly List<TestProcess> _processes = [];
    private readonly List<string> _notes = [];
    private AccountMount? _account;
    private PodPicture _picture = null!;
    private TestProcess? _process;
    private string _written = "";

    /// <summary>What runs it.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    public KubeObject Pod => pod;

    public PodView View => new()
    {
        Key = pod.Key,
        Uid = pod.Meta.Uid,
        Labels = pod.Meta.Labels,
        Image = _spec.Image,
        Address = _picture.Address,
        Folder = Path.Combine(parent, pod.Meta.Name),
        ProcessId = _process?.Id,
        Ready = _picture.Ready && !_terminating.Task.IsCompleted,
        Terminating = _terminating.Task.IsCompleted,
        Restarts = _picture.Restarts,
        Lines = Lines,
    };

    /// <summary>Takes its address and begins.</summary>
    public void Start()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        _picture = new PodPicture
        {
            Address = addresses.Take(_spec.Ports),
            ContainerName = _spec.ContainerName,
            Image = _spec.Image,
            StartTime = now,
            ReadyChanged = now,
        };
        Running = Task.Run(RunAsync);
    }

    /// <summary>Its deletion was asked for.</summary>
    public void Terminate() => _terminating.TrySetResult();

    /// <summary>It is gone from the API server, or the kubelet ends.</summary>
    public void Kill() => _killed.Cancel();

    /// <summary>Lets go of what it held; only when it runs no more.</summary>
    public void Dispose() => _killed.Dispose();

    public Task RotateTokenAsync(CancellationToken cancellationToken) =>
        (_account ?? throw new InvalidOperationException($"pod {pod.Key} has not started")).RotateAsync(cancellationToken);

    private IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
                return [.. _processes.SelectMany(p => p.Lines), .. _notes];
        }
    }

    private async Task RunAsync()
    {
        using PodFolder folder = new(parent, _spec);
        try
        {
            await LiveAsync(folder);
            await LetGoAsync();
        }
        catch (OperationCanceledException) when (_killed.IsCancellationRequested)
        {
            // Gone from the API server already.
        }
        catch (Exception e)
        {
            lock (_gate)
                _notes.Add($"kubelet: {e}");
            throw;
        }
        finally
        {
            if (Interlocked.Exchange(ref _process, null) is { } process)
                await process.DisposeAsync();
            addresses.Release(_picture.Address);
        }
    }

    /// <summary>Nothing of it runs any more: a deletion with grace 0, which the kubelet alone asks for, lets it go.</summary>
    private async Task LetGoAsync()
    {
        using HttpRequestMessage delete = new(HttpMethod.Delete, new Uri($"api/v1/namespaces/{pod.Meta.Namespace}/pods/{pod.Meta.Name}", UriKind.Relative));
        delete.Content = JsonContent.Create(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["gracePeriodSeconds"] = 0,
            ["preconditions"] = new JsonObject { ["uid"] = pod.Meta.Uid },
        });
        using HttpResponseMessage answer = await server.Admin.SendAsync(delete, _killed.Token);
        if (!answer.IsSuccessStatusCode && answer.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.Conflict))
            throw new InvalidOperationException($"pod {pod.Key} could not be let go: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private async Task LiveAsync(PodFolder folder)
    {
        while (!_terminating.Task.IsCompleted)
        {
            if (await PrepareAsync(folder) is not { } start)
                continue;
            using CancellationTokenSource renewing = CancellationTokenSource.CreateLinkedTokenSource(_killed.Token);
            Task renewal = _account!.RenewAsync(renewing.Token);
            TestProcess process = start();
            lock (_gate)
                _processes.Add(process);
            _process = process;
            await ShowAsync(p => p with { RunningSince = DateTimeOffset.UtcNow });
            bool ending = await SuperviseAsync(process, renewal);
            await renewing.CancelAsync();
            await renewal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ending)
                return;
            int code = await process.WaitForExitAsync();
            _process = null;
            await process.DisposeAsync();
            await ShowAsync(p => NotReady(p) with
            {
                RunningSince = null,
                Started = false,
                Restarts = p.Restarts + 1,
                LastExitCode = code,
                WaitingReason = "CrashLoopBackOff",
            });
            // The first new start is at once; later ones wait longer and longer.
            TimeSpan pause = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, _picture.Restarts - 2), options.LongestBackoff.TotalSeconds));
            if (_picture.Restarts > 1)
                await Task.WhenAny(_terminating.Task, Task.Delay(pause, _killed.Token));
            _killed.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>How to start the process; null when something was missing and it is to be tried again.</summary>
    private async Task<Func<TestProcess>?> PrepareAsync(PodFolder folder)
    {
        try
        {
            await folder.FillAsync(cluster, _killed.Token);
            AccountMount account = new(server, cluster, _spec, folder, options.TokenLifetime);
            await account.FillAsync(_killed.Token);
            _account = account;
            Dictionary<string, string?> variables = await PodVariables.OfAsync(_spec, folder, _picture.Address, server.Url, cluster, _killed.Token);
            if (account.Folder is { } place)
                variables[AccountMount.Variable] = place;
            ProgramStart program = options.Program(new ContainerStart(_spec.Image, [.. _spec.Arguments.Select(folder.Localize)], _picture.Address));
            return () => TestProcess.Start(program.Path, program.Arguments, variables, folder.Root);
        }
        catch (ContainerProblemException e)
        {
            await ShowAsync(p => p with { WaitingReason = "CreateContainerConfigError", WaitingMessage = e.Message });
        }
        catch (KubeException e) when (e.IsTransient)
        {
            lock (_gate)
                _notes.Add($"kubelet: {e.Message}");
        }

        await Task.WhenAny(_terminating.Task, Task.Delay(TimeSpan.FromMilliseconds(250), _killed.Token));
        _killed.Token.ThrowIfCancellationRequested();
        return null;
    }

    /// <summary>Until the process ends, by itself, for its probes or at the pod's end; true for the last.</summary>
    private async Task<bool> SuperviseAsync(TestProcess process, Task renewal)
    {
        using CancellationTokenSource probing = CancellationTokenSource.CreateLinkedTokenSource(_killed.Token);
        Task exit = process.WaitForExitAsync(TimeSpan.FromDays(1));
        Task<string> failing = ProbeAsync(probing.Token);
        Task first = await Task.WhenAny(exit, _terminating.Task, failing, renewal);
        await probing.CancelAsync();
        await ((Task)failing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _killed.Token.ThrowIfCancellationRequested();
        if (first == exit)
            return false;
        if (first == renewal)
            await renewal;
        if (first == failing)
        {
            string why = await failing;
            lock (_gate)
                _notes.Add($"kubelet: {why}; the container is started again");
        }

        await EndAsync(process, exit, preStop: first == _terminating.Task ? _spec.PreStop * options.PreStopShare : TimeSpan.Zero);
        return first == _terminating.Task;
    }

    /// <summary>preStop, SIGTERM, and after the grace period SIGKILL.</summary>
    private async Task EndAsync(TestProcess process, Task exit, TimeSpan preStop)
    {
        long begun = Stopwatch.GetTimestamp();
        await Task.WhenAny(exit, Task.Delay(preStop, _killed.Token));
        _killed.Token.ThrowIfCancellationRequested();
        if (!process.HasExited)
            await process.SignalAsync(15);
        TimeSpan left = _spec.Grace - Stopwatch.GetElapsedTime(begun);
        await Task.WhenAny(exit, Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, _killed.Token));
        _killed.Token.ThrowIfCancellationRequested();
        if (process.HasExited)
            return;
        lock (_gate)
            _notes.Add($"{PodView.KilledNote} {_spec.Grace.TotalSeconds:0} s");
        await process.SignalAsync(9);
        await exit;
    }

    /// <summary>Startup first, then readiness and liveness side by side; ends with why the container must be started again.</summary>
    private async Task<string> ProbeAsync(CancellationToken cancellationToken)
    {
        if (_spec.Probe("startupProbe", options.ProbeSpeed) is { } startup && !await PassesAsync(startup, cancellationToken))
            return "the startup probe failed";
        await ShowAsync(p => p with { Started = true });
        Task<string> liveness = StayAliveAsync(_spec.Probe("livenessProbe", options.ProbeSpeed), cancellationToken);
        Task readiness = FollowReadinessAsync(_spec.Probe("readinessProbe", options.ProbeSpeed), cancellationToken);
        await Task.WhenAny(liveness, readiness);
        cancellationToken.ThrowIfCancellationRequested();
        if (readiness.IsFaulted)
            await readiness;
        return await liveness;
    }

    private async Task<bool> PassesAsync(ProbeSpec probe, CancellationToken cancellationToken)
    {
        for (int failures = 0; failures < probe.Failures; failures++)
        {
            if (await probe.AskAsync(http, _picture.Address, cancellationToken))
                return true;
            await Task.Delay(probe.Period, cancellationToken);
        }

        return false;
    }

    private async Task<string> StayAliveAsync(ProbeSpec? probe, CancellationToken cancellationToken)
    {
        if (probe is null)
            await Task.Delay(Timeout.Infinite, cancellationToken);
        for (int failures = 0; failures < probe!.Failures;)
        {
            failures = await probe.AskAsync(http, _picture.Address, cancellationToken) ? 0 : failures + 1;
            await Task.Delay(probe.Period, cancellationToken);
        }

        return "the liveness probe failed";
    }

    private async Task FollowReadinessAsync(ProbeSpec? probe, CancellationToken cancellationToken)
    {
        for (int failures = 0; ;)
        {
            bool answered = probe is null || await probe.AskAsync(http, _picture.Address, cancellationToken);
            failures = answered ? 0 : failures + 1;
            if (answered != _picture.Ready && (answered || failures >= probe!.Failures))
                await ShowAsync(p => answered ? p with { Ready = true, ReadyChanged = DateTimeOffset.UtcNow } : NotReady(p));
            await Task.Delay(probe?.Period ?? Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }

    private static PodPicture NotReady(PodPicture picture) =>
        picture.Ready ? picture with { Ready = false, ReadyChanged = DateTimeOffset.UtcNow } : picture;

    private async Task ShowAsync(Func<PodPicture, PodPicture> change)
    {
        _picture = change(_picture);
        JsonObject status = _picture.ToStatus();
        string text = status.ToJsonString();
        if (text == _written)
            return;
        while (true)
        {
            try
            {
                await cluster.PatchAsync(
                    BuiltIn.Pod,
                    pod.Key,
                    new Patch.Merge(new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Meta.Uid }, ["status"] = status.DeepClone() }),
                    new WriteOptions { Subresource = "status", FieldManager = "kubelet" },
                    _killed.Token);
                _written = text;
                return;
            }
            catch (KubeException e) when (e.Error is KubeError.NotFound or KubeError.Conflict)
            {
                // Gone, or another pod of this name: the kubelet's next look ends this one.
                return;
            }
            catch (KubeException e) when (e.IsTransient)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), _killed.Token);
            }
        }
    }
}
