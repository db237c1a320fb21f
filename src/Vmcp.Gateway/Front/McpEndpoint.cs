using System.Buffers;
using System.IO.Pipelines;

using Microsoft.AspNetCore.Http;

using Vmcp.Core.Identity;
using Vmcp.Gateway.Hosting;
using Vmcp.Protocol.Eras;
using Vmcp.Protocol.Http;
using Vmcp.Protocol.Json;

namespace Vmcp.Gateway.Front;

/// <summary>The MCP URL: guards, then who is calling, then the era, then the method.</summary>
public sealed class McpEndpoint(IncomingGate gate, LegacyEndpoint legacy, ModernEndpoint modern, SessionStream stream)
{
    /// <summary>Serves one request to the MCP URL.</summary>
    public async Task HandleAsync(HttpContext context, CancellationToken stopping)
    {
        if (await gate.AdmitAsync(context).ConfigureAwait(false) is not { } caller)
            return;
        switch (context.Request.Method)
        {
            case "POST":
                await PostAsync(context, caller, stopping).ConfigureAwait(false);
                break;
            case "GET":
                await stream.GetAsync(context, caller, stopping).ConfigureAwait(false);
                break;
            case "DELETE":
                await stream.DeleteAsync(context, caller).ConfigureAwait(false);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                context.Response.Headers.Allow = "POST, GET, DELETE";
                break;
        }
    }

    private async Task PostAsync(HttpContext context, Caller caller, CancellationToken stopping)
    {
        if (!IsJson(context.Request.ContentType))
        {
            await HttpAnswers.RpcErrorAsync(
                context, StatusCodes.Status415UnsupportedMediaType, default, JsonRpcCodes.InvalidRequest, "Content-Type must be application/json.").ConfigureAwait(false);
            return;
        }

        if (context.Request.ContentLength > JsonLimits.MaxClientBody)
        {
            await HttpAnswers.TextAsync(context, StatusCodes.Status413PayloadTooLarge, "Request Entity Too Large").ConfigureAwait(false);
            return;
        }

        if (!PostResponse.Accepts(context.Request, "application/json") && !PostResponse.Accepts(context.Request, "text/event-stream"))
        {
            await HttpAnswers.RpcErrorAsync(
                context, StatusCodes.Status406NotAcceptable, default, JsonRpcCodes.InvalidRequest,
                "Not Acceptable: accept application/json and text/event-stream.").ConfigureAwait(false);
            return;
        }

        byte[] body = await ReadAsync(context).ConfigureAwait(false);
        if (body.Length > InlineSockets.LargestInline)
            await Task.Yield();
        Envelope? envelope = EnvelopeScanner.Scan(body, out EnvelopeProblem? problem);
        if (envelope is null)
        {
            await HttpAnswers.RpcErrorAsync(context, 400, default, problem!.Code, problem.Message).ConfigureAwait(false);
            return;
        }

        IHeaderDictionary headers = context.Request.Headers;
        EraHeaders era = new(headers[McpHeaders.ProtocolVersion], headers[McpHeaders.Method], headers[McpHeaders.Name]);
        switch (EraClassifier.Classify(envelope, era))
        {
            case EraVerdict.Refused refused:
                await HttpAnswers.RpcErrorAsync(context, 400, body[envelope.Id], refused.Code, refused.Message, refused.Data).ConfigureAwait(false);
                break;
            case EraVerdict.IsModern:
                await modern.PostAsync(context, envelope, caller, stopping).ConfigureAwait(false);
                break;
            default:
                await legacy.PostAsync(context, envelope, caller).ConfigureAwait(false);
                break;
        }
    }

    private static bool IsJson(string? contentType)
    {
        ReadOnlySpan<char> type = contentType;
        int end = type.IndexOf(';');
        return (end < 0 ? type : type[..end]).Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase);
    }

    private static async ValueTask<byte[]> ReadAsync(HttpContext context)
    {
        PipeReader reader = context.Request.BodyReader;
        while (true)
        {
            ReadResult result;
            try
            {
                result = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            }
            catch (IOException e) when (e is not BadHttpRequestException)
            {
                // A chunk size beyond 64 bits, a connection that breaks: Kestrel's other word for a request that is not one.
                throw new BadHttpRequestException("The body cannot be read.", StatusCodes.Status400BadRequest, e);
            }

            if (result.IsCompleted)
            {
                byte[] body = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return body;
            }

            // Kestrel enforces the size limit (413) while we wait for the rest.
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
