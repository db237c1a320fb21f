using System.CommandLine;

using Vmcp.Bench.Commands;

RootCommand root = new("Measures vmcp. Numbers of different machines do not compare; ratios taken in one run do.");
root.Subcommands.Add(EchoCommand.Create());
root.Subcommands.Add(CallsCommand.Create());
root.Subcommands.Add(StateCommand.Create());
root.Subcommands.Add(QuickCommand.Create());
return await root.Parse(args).InvokeAsync();
