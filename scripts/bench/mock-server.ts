import { createServer, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export interface MockServer extends AsyncDisposable {
  url: string;
  /** Bodies of the completion requests, in order. */
  requests: string[];
}

/** Markdown as a model writes it: headings, lists, code and prose. */
function piece(index: number): string {
  if (index % 40 === 0) return `\n\n## Section ${index / 40}\n\n`;
  if (index % 40 === 20)
    return `\n\`\`\`ts\nexport function f${index}(a: number): number { return a + ${index}; }\n\`\`\`\n`;
  return index % 10 === 0 ? `\n- item ${index} ` : `word${index} `;
}

/** An OpenAI-compatible server that streams `chunks` pieces, one each `gap` milliseconds, then END-OF-REPLY. */
export async function startMockServer(chunks: number, gap: number): Promise<MockServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const { url = "" } = request;
      if (url.endsWith("/models")) return json(response, { data: [{ id: "mock", meta: { n_ctx: 32_768 } }] });
      if (!url.endsWith("/chat/completions")) return json(response, { error: { message: "no such path" } }, 404);
      requests.push(Buffer.concat(parts).toString());
      return stream(response, chunks, gap);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

async function stream(response: ServerResponse, chunks: number, gap: number): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (delta: object, finish: string | null = null): void => {
    const usage = { prompt_tokens: 100, completion_tokens: chunks, total_tokens: 100 + chunks };
    const choices = [{ index: 0, delta, finish_reason: finish }];
    response.write(
      `data: ${JSON.stringify({ object: "chat.completion.chunk", choices, ...(finish === null ? {} : { usage }) })}\n\n`,
    );
  };
  for (let index = 0; index < chunks; index++) {
    send({ content: piece(index) });
    if (gap > 0) await sleep(gap);
  }
  send({ content: "END-OF-REPLY" });
  send({}, "stop");
  response.end("data: [DONE]\n\n");
}
