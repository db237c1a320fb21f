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
    private readonly SemaphoreSlim _mountsChanged = new(0, 1);
    private AccountMount? _account;
    private PodFolder? _folder;
    private PodStatus _status = null!;
    private TestProcess? _process;

    /// <summary>What runs it.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    public KubeObject Pod => pod;

    public PodView View => new()
    {
        Key = pod.Key,
        Uid = pod.Meta.Uid,
        Labels = pod.Meta.Labels,
        Image = _spec.Image,
        Address = _status.Picture.Address,
        Folder = Path.Combine(parent, pod.Meta.Name),
        ProcessId = _process?.Id,
        Ready = _status.Picture.Ready && !_terminating.Task.IsCompleted,
        Terminating = _terminating.Task.IsCompleted,
        Restarts = _status.Picture.Restarts,
        Lines = Lines,
    };

    /// <summary>Takes its address and begins.</summary>
    public void Start()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        PodPicture first = new()
        {
            Address = addresses.Take(_spec.Ports),
            ContainerName = _spec.ContainerName,
            Image = _spec.Image,
            StartTime = now,
            ReadyChanged = now,
        };
        _status = new PodStatus(cluster, pod, first, _killed.Token);
        Running = Task.Run(RunAsync);
    }

    /// <summary>Its deletion was asked for.</summary>
    public void Terminate() => _terminating.TrySetResult();

    /// <summary>It is gone from the API server, or the kubelet ends.</summary>
    public void Kill() => _killed.Cancel();

    /// <summary>A ConfigMap or Secret changed: files that come from it follow.</summary>
    public void Changed(ResourceType type, ObjectKey key)
    {
        if (Volatile.Read(ref _folder)?.Shows(type, key) == true)
            Changed();
    }

    /// <summary>Lets go of what it held; only when it runs no more.</summary>
    public void Dispose()
    {
        _killed.Dispose();
        _mountsChanged.Dispose();
    }

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

    private void Changed()
    {
        lock (_gate)
        {
            if (_mountsChanged.CurrentCount == 0)
                _mountsChanged.Release();
        }
    }

    private async Task RunAsync()
    {
        using PodFolder folder = new(parent, _spec);
        Volatile.Write(ref _folder, folder);
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
            addresses.Release(_status.Picture.Address);
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
            Task renewal = RenewAsync(folder, _account!, renewing.Token);
            TestProcess process = start();
            lock (_gate)
                _processes.Add(process);
            _process = process;
            await _status.ShowAsync(p => p with { RunningSince = DateTimeOffset.UtcNow });
            bool ending = await SuperviseAsync(process, renewal);
            await renewing.CancelAsync();
            await renewal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ending)
                return;
            int code = await process.WaitForExitAsync();
            _process = null;
            await process.DisposeAsync();
            await _status.ShowAsync(p => PodStatus.NotReady(p) with
            {
                RunningSince = null,
                Started = false,
                Restarts = p.Restarts + 1,
                LastExitCode = code,
                WaitingReason = "CrashLoopBackOff",
            });
            // The first new start is at once; later ones wait longer and longer.
            TimeSpan pause = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, _status.Picture.Restarts - 2), options.LongestBackoff.TotalSeconds));
            if (_status.Picture.Restarts > 1)
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
            Dictionary<string, string?> variables = await PodVariables.OfAsync(_spec, folder, _status.Picture.Address, server.Url, cluster, _killed.Token);
            if (account.Folder is { } place)
                variables[AccountMount.Variable] = place;
            ProgramStart program = options.Program(new ContainerStart(_spec.Image, [.. _spec.Arguments.Select(folder.Localize)], _status.Picture.Address));
            return () => TestProcess.Start(program.Path, program.Arguments, variables, folder.Root);
        }
        catch (ContainerProblemException e)
        {
            await _status.ShowAsync(p => p with { WaitingReason = "CreateContainerConfigError", WaitingMessage = e.Message });
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

    /// <summary>Keeps token and mounted files those of the API server, until cancelled.</summary>
    private async Task RenewAsync(PodFolder folder, AccountMount account, CancellationToken cancellationToken)
    {
        Task first = await Task.WhenAny(account.RenewAsync(cancellationToken), FollowMountsAsync(folder, cancellationToken));
        await first;
    }

    private async Task FollowMountsAsync(PodFolder folder, CancellationToken cancellationToken)
    {
        while (true)
        {
            await _mountsChanged.WaitAsync(cancellationToken);
            try
            {
                await folder.FillAsync(cluster, cancellationToken);
            }
            catch (ContainerProblemException e)
            {
                // What was mounted and is gone stays as it was; a container that starts anew would wait.
                lock (_gate)
                    _notes.Add($"kubelet: {e.Message}");
            }
            catch (KubeException e) when (e.IsTransient)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(250), cancellationToken);
                Changed();
            }
        }
    }

    /// <summary>Until the process ends, by itself, for its probes or at the pod's end; true for the last.</summary>
    private async Task<bool> SuperviseAsync(TestProcess process, Task renewal)
    {
        using CancellationTokenSource probing = CancellationTokenSource.CreateLinkedTokenSource(_killed.Token);
        Task exit = process.WaitForExitAsync(TimeSpan.FromDays(1));
        Task<string> failing = new PodProbes(_spec, options.ProbeSpeed, http, _status).RunAsync(probing.Token);
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
}
