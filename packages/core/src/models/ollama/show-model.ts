import { readMachine } from "../../hardware/index.ts";
import { resolveEndpoint } from "../server/endpoint.ts";
import { ServerConnection } from "../server/server-connection.ts";
import { callsNatively, elsewhereError, runningModel } from "./loaded-model.ts";
import { trainedWindow, windowFor } from "./model-window.ts";
import { OllamaClient } from "./ollama-client.ts";
import { ollamaError } from "./ollama-errors.ts";
import type { OllamaModelOptions } from "./ollama-model.ts";
import type { ShownModel } from "./wire.ts";

/** What an Ollama server says of one of its models. Lengths in tokens. */
export interface OllamaModelFacts {
  architecture: string | undefined;
  /** As Ollama writes it, such as "8.2B". */
  parameters: string | undefined;
  quantization: string | undefined;
  trainedFor: number | undefined;
  /** The window that we would ask for. */
  contextSize: number;
  /** The window that it has in memory now; undefined when it is not there. */
  loadedWindow: number | undefined;
  hasTemplate: boolean;
  /** Its template here knows tools. Without that, its calls are read from its text. */
  callsNatively: boolean;
  /** Where it really runs, when that is not the server itself. */
  remoteHost: string | undefined;
}

/** Asks for a model without loading it. Throws what `describe` of the model would throw. */
export async function showOllamaModel(options: OllamaModelOptions, signal: AbortSignal): Promise<OllamaModelFacts> {
  const { url, model, contextSize: chosen } = options;
  const endpoint = resolveEndpoint(url, options);
  await using connection = new ServerConnection(endpoint, { apiKey: undefined, silenceSeconds: quickSeconds });
  const client = new OllamaClient(connection);
  try {
    const shown = await client.show(model, signal);
    if (options.offline && shown.remote_host) throw elsewhereError(model, shown);
    const running = await runningModel(client, model, signal);
    return {
      ...detailsOf(shown),
      trainedFor: trainedWindow(shown),
      contextSize: windowFor(shown, { chosen, memoryBytes: readMachine().memoryBytes }),
      loadedWindow: running?.context_length ?? undefined,
      hasTemplate: (shown.template ?? "") !== "",
      callsNatively: callsNatively(shown),
      remoteHost: shown.remote_host || undefined,
    };
  } catch (error) {
    throw ollamaError(error, model, endpoint);
  }
}

/** Ollama leaves empty what it does not know. */
function detailsOf({ details }: ShownModel): Pick<OllamaModelFacts, "architecture" | "parameters" | "quantization"> {
  const { family, parameter_size, quantization_level } = details ?? {};
  return {
    architecture: family || undefined,
    parameters: parameter_size || undefined,
    quantization: quantization_level || undefined,
  };
}

const quickSeconds = 5;
