export interface XmlElement {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: XmlElement[];
  text: string;
}

const token =
  /<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<[!?][^>]*>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/g;
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** The elements of a report; what is no XML is passed over. Entities of a document's own are not expanded. */
export function readXml(text: string): XmlElement {
  const document: XmlElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [document];
  for (const [, cdata, closing, opening, attributes = "", isEmpty, characters] of closedPart(text).matchAll(token)) {
    const current = open.at(-1) ?? document;
    if (cdata !== undefined) current.text += cdata;
    else if (characters !== undefined) current.text += decoded(characters);
    else if (closing !== undefined) {
      const at = open.findLastIndex(({ name }) => name === closing);
      if (at > 0) open.length = at;
    } else if (opening !== undefined) {
      const element = { name: opening, attributes: attributesOf(attributes), children: [], text: "" };
      current.children.push(element);
      if (isEmpty !== "/") open.push(element);
    }
  }
  return document;
}

/** Without what begins and never ends: looking for that end again and again would take very long. */
function closedPart(text: string): string {
  const cuts = [
    ["<![CDATA[", "]]>"],
    ["<!--", "-->"],
  ].map(([opening = "", closing = ""]) => text.indexOf(opening, text.lastIndexOf(closing) + 1));
  const first = Math.min(...cuts.filter((at) => at !== -1));
  return first === Infinity ? text : text.slice(0, first);
}

/** All elements of a name, in the order of the document. */
export function elementsOf(from: XmlElement, name: string): XmlElement[] {
  const found: XmlElement[] = [];
  const waiting = [from];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next.name === name) found.push(next);
    waiting.push(...next.children.toReversed());
  }
  return found;
}

const attributesOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(attribute)].map(([, name = "", one, other]) => [name, decoded(one ?? other ?? "")]),
  );

const decoded = (text: string): string =>
  text.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return named[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
    return code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
  });
