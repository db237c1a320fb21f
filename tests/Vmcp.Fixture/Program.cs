using Vmcp.Fixture;

if (FixtureOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(FixtureOptions.Usage);
    return 2;
}

await using var app = FixtureHost.Build(options);
await app.StartAsync();
Console.WriteLine($"listening {FixtureHost.Endpoint(app, options)}");
await app.WaitForShutdownAsync();
return 0;
