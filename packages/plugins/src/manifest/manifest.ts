import { createHash } from "node:crypto";

import * as z from "zod";

import { InputSchema, oneLine } from "./input-schema.ts";

export const manifestFile = "trust-plugin.json";

const id = z
  .string()
  .max(80)
  .regex(/^(@[a-z0-9][a-z0-9-]*\/)?[a-z0-9][a-z0-9-]*$/, 'an id is like "todo" or "@acme/todo"');

/** A path inside the plugin's own folder, with `/`. */
const PluginPath = z
  .string()
  .max(200)
  .refine(
    (path) => path.split("/").every((part) => /^[\w@.+ -]+$/.test(part) && !/^\.{1,2}$/.test(part)),
    "a path inside the plugin's folder, such as index.js",
  );

const prefix = "${workspace}/";

/** A pattern of workspace files; `*` and `?` stay inside one name, `**` is any number of folders. */
const ReadGlob = oneLine(200).refine(
  (glob) => glob.startsWith(prefix) && glob.split("/").every((part) => part !== "" && !/^\.{1,2}$/.test(part)),
  'a pattern below the workspace, such as "${workspace}/**"',
);

/** All tools together, as JSON: every model that is offered them reads it. */
const mostToolBytes = 16_384;

const unknownPermission: z.core.$ZodErrorMap = (issue) =>
  issue.code === "unrecognized_keys"
    ? `there is no such permission: ${issue.keys.join(", ")}. Known are fs.read and storageMB`
    : undefined;

const Permissions = z.strictObject(
  {
    fs: z.strictObject({ read: z.array(ReadGlob).min(1).max(20) }, { error: unknownPermission }).optional(),
    storageMB: z.number().positive().max(50).optional(),
  },
  { error: unknownPermission },
);
export type Permissions = z.infer<typeof Permissions>;

const PluginTool = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, "a tool is named with small letters, digits and _"),
  description: oneLine(300),
  inputSchema: InputSchema,
  annotations: z
    .strictObject({
      readOnly: z.boolean().default(false),
      destructive: z.boolean().default(false),
      idempotent: z.boolean().default(false),
    })
    .default({ readOnly: false, destructive: false, idempotent: false }),
  timeoutMs: z.int().min(10).max(120_000).default(10_000),
  maxResultBytes: z.int().min(100).max(1_000_000).default(65_536),
});
export type PluginToolManifest = z.infer<typeof PluginTool>;

/** What a plugin says about itself. Everything is named; what is not known is an error, never ignored. */
export const PluginManifest = z.strictObject({
  manifestVersion: z.literal(1),
  id,
  version: z
    .string()
    .max(40)
    .regex(/^\d+\.\d+\.\d+(-[\w.-]+)?$/, 'a version is like "1.2.0"'),
  license: oneLine(100),
  engine: z.strictObject({ sdk: z.literal(1) }),
  runtime: z.literal("isolate"),
  entry: PluginPath,
  contributes: z.strictObject({
    tools: z
      .array(PluginTool)
      .min(1)
      .max(20)
      .refine((tools) => new Set(tools.map((tool) => tool.name)).size === tools.length, "two tools have the same name")
      .refine(
        (tools) => Buffer.byteLength(JSON.stringify(tools)) <= mostToolBytes,
        `the tools are described in more than ${mostToolBytes} bytes`,
      ),
  }),
  permissions: Permissions.default({}),
  limits: z
    .strictObject({
      memoryMB: z.int().min(8).max(256).default(64),
      cpuMsPerCall: z.int().min(10).max(30_000).default(2000),
    })
    .default({ memoryMB: 64, cpuMsPerCall: 2000 }),
});
export type PluginManifest = z.infer<typeof PluginManifest>;

/** The patterns of workspace files that the plugin may read, from the root. */
export const readGlobs = ({ fs }: Permissions): string[] => (fs?.read ?? []).map((glob) => glob.slice(prefix.length));

/** What an approval is bound to besides the files: permissions, limits, and the tools as models see them. */
export function permissionsHash({ permissions, limits, contributes }: PluginManifest): string {
  return createHash("sha256")
    .update(JSON.stringify([permissions, limits, contributes]))
    .digest("hex");
}
