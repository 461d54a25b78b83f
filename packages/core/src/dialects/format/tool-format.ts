/**
 * How a model family writes thoughts, answers and calls: plain data that drives the parser, the grammars and the
 * rendering of calls. Markers are given as the template writes them, blanks included; readers match their core
 * (the marker without outer blanks) and tolerate other blanks around it. "" is an absent marker.
 */
export interface ToolFormat {
  /** `template`: derived from the chat template alone; `generic`: ours, for models without a way to call. */
  origin: "template" | "generic" | `entry:${string}`;
  thought: ThoughtFormat | undefined;
  /** What stands around the visible text, such as `<|START_RESPONSE|>`. */
  answer: { open: string; close: string };
  calls: CallFormat | undefined;
  /** Set where a reply is a row of addressed messages, such as harmony's channels. */
  messages: MessageFormat | undefined;
  /** Markers that end a reply or begin the assistant's turn: dropped where a model writes them as text. */
  turnMarkers: readonly string[];
  /** How the template wants the arguments of earlier calls. */
  argumentsAs: "object" | "text";
  /** How it wants their ids: ours, nine letters and digits, or `functions.NAME:INDEX`. */
  ids: "own" | "nine" | "functions";
  /** The result of a call as the template writes it, split around its text; for people. */
  result: { open: string; close: string } | undefined;
  parallel: boolean;
  /** What the template itself can write; what it cannot is written into plain messages. */
  writes: TemplateAbilities;
}

/** `rows`: messages of one role in a row. */
export interface TemplateAbilities {
  tools: boolean;
  calls: boolean;
  results: boolean;
  system: boolean;
  rows: boolean;
}

/** `open` may be "": then everything before `close` is thought once the prompt ends inside one. */
export interface ThoughtFormat {
  open: string;
  close: string;
  /** Text of the thought that the generation prompt already holds. */
  prewritten: string;
}

/** The calls of one reply: `sectionOpen (open body close separator)* sectionClose`. */
export interface CallFormat {
  /** Blanks that the template writes between text and calls. */
  lead: string;
  sectionOpen: string;
  sectionClose: string;
  open: string;
  close: string;
  separator: string;
  /** The calls of a section are items of one JSON or Python list. */
  list: boolean;
  body: CallBody;
}

/**
 * Where a call's id stands: `ID close` right before the name or `open ID close` right after it. Ids that models write
 * are not kept: ours are unique in a conversation, theirs often are not.
 */
export interface IdPlace {
  place: "before-name" | "after-name";
  open: string;
  close: string;
}

/**
 * - `json`: `{"name": "f", "arguments": {…}}` under the family's own keys.
 * - `keyed`: `{"f": {…}}`.
 * - `named`: `f` `nameClose` `{…}`.
 * - `tagged`: `nameOpen f nameClose (keyOpen k keyClose raw valueClose)* bodyClose`. Values are raw text; the
 *   schema, or where there is one the attribute `stringTag`, says which are strings.
 * - `python`: `f(k='v', n=3)`.
 * - `arguments`: `{…}` alone, where the name stood before the call.
 * - `gemma`: `call:f{k:<|"|>v<|"|>,n:3}`: unquoted keys, strings between `quote` marks.
 */
export type CallBody =
  | { kind: "json"; nameKey: string; argumentsKey: string; idKey: string | undefined; wrapper: string | undefined }
  | { kind: "keyed" }
  | {
      kind: "named";
      nameClose: string;
      id: IdPlace | undefined;
    }
  | TaggedBody
  | { kind: "python" }
  | { kind: "arguments"; name: string }
  | { kind: "gemma"; nameOpen: string; quote: string };

export interface TaggedBody {
  kind: "tagged";
  nameOpen: string;
  nameClose: string;
  keyOpen: string;
  keyClose: string;
  valueClose: string;
  bodyClose: string;
  /** `keyClose` holds a changing attribute: its text for strings, and the literal parts around it. */
  attribute: { open: string; close: string; stringTag: string } | undefined;
  /** The name's own end holds a changing part, such as an index, between `nameClose` and this text. */
  nameRest: string | undefined;
  /** The close tag repeats the key (`</k>`), and objects and lists are written as nested tags. */
  nested: boolean;
  /** Values may stand in `<![CDATA[…]]>`. */
  cdata: boolean;
}

/** Where the close marker of a format with nested tags repeats the key. */
export const keyPlace = "{key}";

/** Where the header of a call has its tool's name. */
export const namePlace = "{name}";

/**
 * A reply of addressed messages: `header headerClose body messageClose`, then `messageOpen` before the next one.
 * `thought`, `call` and `foreign` are sources of regular expressions for whole headers.
 */
export interface MessageFormat {
  messageOpen: string;
  headerClose: string;
  messageClose: readonly string[];
  thought: string;
  /** Its one capturing group is the tool's name. */
  call: string;
  /** Calls that are none of ours: their bodies are dropped. */
  foreign: string;
  /** Header of a message to the person, and of a call of `{name}`, each with `headerClose`. */
  textHeader: string;
  callHeader: string;
  /** What a call's body is: the arguments alone, or a whole call in tags. */
  callBody: "arguments" | TaggedBody;
}

/** A marker without the blanks around it: what readers look for. */
export const core = (marker: string): string => marker.trim();
