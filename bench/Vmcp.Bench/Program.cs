using System.Net;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

using Vmcp.Bench;

// usage: Vmcp.Bench legacy|legacy-sse|modern PORT
if (args is not [("legacy" or "legacy-sse" or "modern") and var era, var portText] || !int.TryParse(portText, out int port))
{
    Console.Error.WriteLine("usage: Vmcp.Bench legacy|legacy-sse|modern PORT");
    return 2;
}

WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Listen(IPAddress.Loopback, port);
});
await using WebApplication app = builder.Build();
EchoServer server = new(isModern: era == "modern", asEvents: era == "legacy-sse");
app.Run(server.HandleAsync);
await app.RunAsync();
return 0;
