using Vmcp.ApiServer.Tests.Ring;

[assembly: AssemblyFixture(typeof(SharedApiServer))]
