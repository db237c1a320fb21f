using Vmcp.Cli.Commands;
using Vmcp.Cli.Terminals;

return await CommandLine.RunAsync(args, Terminal.OfProcess(), CancellationToken.None).ConfigureAwait(false);
