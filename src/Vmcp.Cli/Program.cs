using Vmcp.Cli.Commands;
using Vmcp.Cli.Terminals;
using Vmcp.Gateway.Hosting;

InlineSockets.Prefer();
return await CommandLine.RunAsync(args, Terminal.OfProcess(), CancellationToken.None).ConfigureAwait(false);
