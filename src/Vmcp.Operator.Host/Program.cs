using Vmcp.Operator.Host;

return await OperatorCommand.RunAsync(args, Environment.GetEnvironmentVariable, Console.Out, Console.Error, CancellationToken.None).ConfigureAwait(false);
