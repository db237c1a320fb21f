# Both programs, for those who build with an engine; `make images` needs none (docs/images.md).
#   docker build --target vmcp -t vmcp .
#   docker build --target vmcp-operator -t vmcp-operator .
FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/Vmcp.Cli --configuration Release --runtime linux-x64 --no-self-contained --output /out/vmcp -p:DebugType=none
RUN dotnet publish src/Vmcp.Operator.Host --configuration Release --runtime linux-x64 --no-self-contained --output /out/vmcp-operator -p:DebugType=none

# Chiseled: no shell, no package manager.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled AS base
ENV DOTNET_EnableDiagnostics=0
WORKDIR /app
USER 1000:1000

FROM base AS vmcp-operator
COPY --from=build /out/vmcp-operator /app
ENTRYPOINT ["/app/vmcp-operator"]

FROM base AS vmcp
COPY --from=build /out/vmcp /app
ENTRYPOINT ["/app/vmcp"]
