import { type ModelReference, readGgufHeader, resolveModelReference } from "@trust-cli/core/models";
import { measureCapability } from "@trust-cli/core/models/capability";
import type { CapabilityRecord } from "@trust-cli/core/ports";
import { type ToolCall, TrustError } from "@trust-cli/core/protocol";

import { type App, createApp } from "../../composition/app.ts";
import { modelIdentity, openCapabilities } from "../../composition/capability.ts";
import { chooseModel, templateSettings } from "../../composition/model.ts";
import { weightsPath } from "../../composition/weights-path.ts";
import { printResult, type SharedOptions } from "../command.ts";
import { interruptSignal } from "../interrupt.ts";
import { capabilityRows } from "./capability-rows.ts";
import { statusLine } from "./status-line.ts";

/** Measures the model in use, and stores what came of it. Nothing is stored when it is interrupted. */
export async function probeModel(options: SharedOptions): Promise<number> {
  const app = await createApp(options, false);
  const { workspace, paths, environment } = app;
  // Another model must not answer in its place.
  const config = { ...app.config, fallback: { ...app.config.fallback, models: [] } };
  using interrupt = interruptSignal();
  const { signal } = interrupt;
  const reference = await resolveModelReference(config.model, { cwd: workspace.root, environment });
  const identity = await modelIdentity(reference, { config, paths, environment }, signal);
  if (identity === undefined) {
    throw new TrustError("MODEL_UNREACHABLE", `${reference.id} does not answer, or does not have the model`, {
      hint: "start the server, or choose another model with -m",
    });
  }
  const chosen = await chooseModel(config, workspace.root, paths, environment);
  await using port = chosen.port;
  const { routes, ...measured } = await withProgress(({ onProbe }) =>
    measureCapability(port, { sampling: chosen.profile.sampling, onProbe }, signal),
  );
  const record: CapabilityRecord = { ...measured, dialect: await dialectOf(reference, routes, app, signal) };
  using store = await openCapabilities(paths);
  store.save(identity, record);
  printResult(options.json, { model: reference.id, ...record }, () => report(record));
  return 0;
}

type OnProbe = NonNullable<Parameters<typeof measureCapability>[1]["onProbe"]>;

async function withProgress<T>(work: (progress: { onProbe: OnProbe }) => Promise<T>): Promise<T> {
  using line = statusLine();
  line.show("loading the model");
  return await work({ onProbe: ({ done, total, id }) => line.show(`probe ${done} of ${total}: ${id}`) });
}

function report(record: CapabilityRecord): string {
  const probes = record.probes.map(({ id, passed }) => `${passed ? "●" : "✗"} ${id}\n`);
  const rows = capabilityRows(record).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padEnd(15)} ${value}\n`],
  );
  return `${probes.join("")}\n${rows.join("")}`;
}

/** A file's own template says how its model calls; of a server only what came can be told. */
async function dialectOf(
  reference: ModelReference,
  routes: ReadonlySet<ToolCall["via"]>,
  { paths }: App,
  signal: AbortSignal,
): Promise<CapabilityRecord["dialect"]> {
  const path = await weightsPath(reference, paths, signal);
  if (path === undefined) return { id: Array.from(routes).join(" and ") || "none seen", origin: "server" };
  const header = readGgufHeader(path);
  const template = header.ok ? header.value.chatTemplate : undefined;
  const format = template === undefined ? undefined : templateSettings(paths).cache.read(template);
  return { id: format?.calls?.body.kind ?? "text", origin: format?.origin ?? "template" };
}
