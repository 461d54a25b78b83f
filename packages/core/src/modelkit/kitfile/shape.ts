import * as z from "zod";

/** How the values of one section are read and written; the order of the keys is the order in JSON. */
export type Field = "text" | "texts" | "any" | { object: Shape } | { list: Shape };
export interface Shape {
  readonly [key: string]: Field;
}

const part: Shape = { name: "text", path: "text", license: "text", type: "text" };
const named: Shape = { name: "text", path: "text", description: "text" };

/** Every key that a Kitfile may have. */
export const kitfileShape: Shape = {
  manifestVersion: "text",
  package: { object: { name: "text", version: "text", description: "text", license: "text", authors: "texts" } },
  model: {
    object: {
      name: "text",
      path: "text",
      license: "text",
      framework: "text",
      format: "text",
      version: "text",
      description: "text",
      parts: { list: part },
      parameters: "any",
    },
  },
  code: { list: { path: "text", description: "text", license: "text" } },
  datasets: {
    list: {
      name: "text",
      path: "text",
      remotePath: "text",
      remoteHash: "text",
      description: "text",
      license: "text",
      parameters: "any",
    },
  },
  docs: { list: { path: "text", description: "text" } },
  prompts: { list: named },
  mcpServers: { list: named },
};

const text = z.string().optional();
/** What packing adds to an entry: the SHA-256 of the stored and of the uncompressed layer. */
const packed = { digest: text, diffId: text };

const ModelPart = z.object({ name: text, path: text, license: text, type: text, ...packed });
const Model = z.object({
  name: text,
  path: text,
  license: text,
  framework: text,
  format: text,
  version: text,
  description: text,
  parts: z.array(ModelPart).optional(),
  parameters: z.unknown().optional(),
  ...packed,
});
const Named = z.object({ name: text, path: text, description: text, ...packed });

/** A Kitfile, as it is written by people or as it is in the config blob of a kit. Unknown keys are dropped. */
export const Kitfile = z.object({
  manifestVersion: z.string().default(""),
  package: z
    .object({ name: text, version: text, description: text, license: text, authors: z.array(z.string()).optional() })
    .default({}),
  model: Model.optional(),
  code: z.array(z.object({ path: text, description: text, license: text, ...packed })).optional(),
  datasets: z
    .array(
      z.object({
        name: text,
        path: text,
        remotePath: text,
        remoteHash: text,
        description: text,
        license: text,
        parameters: z.unknown().optional(),
        ...packed,
      }),
    )
    .optional(),
  docs: z.array(z.object({ path: text, description: text, ...packed })).optional(),
  prompts: z.array(Named).optional(),
  mcpServers: z.array(Named).optional(),
});
export type Kitfile = z.infer<typeof Kitfile>;
