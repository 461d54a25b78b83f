import {
  agent,
  type AgentApp,
  type AgentContext,
  type ClientCapabilities,
  type InitializeResponse,
  methods,
  PROTOCOL_VERSION,
  RequestError,
} from "@agentclientprotocol/sdk";
import { errorBody, TrustError } from "@trust-cli/core/protocol";
import * as z from "zod";

import { version } from "../version.ts";
import type { AcpSessions } from "./acp-sessions.ts";

const CommitMessageRequest = z.object({ cwd: z.string() });
const StatusRequest = z.object({ sessionId: z.string().optional() });

/** Trust as an agent of the Agent Client Protocol, version 1 (agentclientprotocol.com). */
export function createAgentApp(sessions: AcpSessions): AgentApp {
  let capabilities: ClientCapabilities = {};
  const editor = (client: AgentContext): Parameters<AcpSessions["create"]>[1] => ({
    client,
    readsFiles: capabilities.fs?.readTextFile === true,
    showsNotices: capabilities.session?.notices != null,
  });
  return agent({ name: "trust" })
    .onRequest(methods.agent.initialize, ({ params }) => {
      capabilities = params.clientCapabilities ?? {};
      return initializeResponse;
    })
    .onRequest(methods.agent.authenticate, () => ({}))
    .onRequest(methods.agent.session.new, ({ params, client }) => answer(() => sessions.create(params, editor(client))))
    .onRequest(methods.agent.session.load, ({ params, client }) =>
      answer(() => sessions.load(params, editor(client), { replay: true })),
    )
    .onRequest(methods.agent.session.resume, ({ params, client }) =>
      answer(() => sessions.load(params, editor(client), { replay: false })),
    )
    .onRequest(methods.agent.session.list, ({ params }) => answer(() => sessions.list(params)))
    .onRequest(methods.agent.session.close, ({ params }) => answer(() => sessions.close(params.sessionId)))
    .onRequest(methods.agent.session.prompt, ({ params, signal }) =>
      answer(() => sessions.get(params.sessionId).prompt(params, signal)),
    )
    .onNotification(methods.agent.session.cancel, ({ params }) => sessions.find(params.sessionId)?.cancel())
    .onRequest(methods.agent.session.setConfigOption, ({ params }) =>
      answer(async () => ({
        configOptions: await sessions.get(params.sessionId).setOption(params.configId, String(params.value)),
      })),
    )
    .onRequest(methods.agent.session.setMode, ({ params }) =>
      answer(async () => {
        await sessions.get(params.sessionId).setOption("mode", params.modeId);
        return {};
      }),
    )
    .onRequest("_trust/commitMessage", CommitMessageRequest, ({ params, signal }) =>
      answer(() => sessions.commitMessage(params.cwd, signal)),
    )
    .onRequest("_trust/status", StatusRequest, ({ params }) => answer(() => sessions.status(params.sessionId)));
}

const initializeResponse: InitializeResponse = {
  protocolVersion: PROTOCOL_VERSION,
  agentInfo: { name: "trust", title: "Trust", version },
  agentCapabilities: {
    loadSession: true,
    promptCapabilities: { embeddedContext: true, image: false, audio: false },
    sessionCapabilities: { list: {}, resume: {}, close: {} },
    _meta: { "trust/commitMessage": true, "trust/status": true },
  },
  authMethods: [],
};

/** Our errors as the protocol's: what, why and the next step in the message, the code beside it. */
async function answer<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RequestError) throw error;
    const { code, message, hint } = errorBody(error);
    const text = hint === undefined ? message : `${message}. ${hint}`;
    throw new RequestError(error instanceof TrustError ? trustErrorCode : internalErrorCode, text, { code });
  }
}

/** From the range that JSON-RPC leaves to servers. */
const trustErrorCode = -32_010;
const internalErrorCode = -32_603;
