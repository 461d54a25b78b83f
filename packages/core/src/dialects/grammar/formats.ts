const year = "[0-9]{4}";
const fullDate = `${year}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])`;
const hour = "([01][0-9]|2[0-3])";
const fullTime = `${hour}:[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]{1,9})?([Zz]|[+-]${hour}:[0-5][0-9])`;
const byte = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const uuid = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}";
const noBlank = '[^\\s"\\\\<>]';

/**
 * JSON Schema's formats (2020-12, validation, 7.3) as regular expressions of whole strings, which admit at least
 * what the named RFC does. Formats that are not here say nothing about a string's characters.
 */
export const formatPatterns: ReadonlyMap<string, string> = new Map([
  ["date", fullDate],
  ["time", fullTime],
  ["date-time", `${fullDate}[Tt]${fullTime}`],
  ["duration", "P[0-9YMWDTHS.]+"],
  ["email", "[^\\u0000-\\u001f]+@[a-zA-Z0-9.:\\[\\]-]+"],
  ["idn-email", "[^\\u0000-\\u001f]+@[^@\\u0000-\\u001f]+"],
  ["hostname", "[a-zA-Z0-9.-]+"],
  ["ipv4", `${byte}\\.${byte}\\.${byte}\\.${byte}`],
  ["ipv6", "[0-9a-fA-F:.]{2,45}"],
  ["uri", `[a-zA-Z][a-zA-Z0-9+.-]*:${noBlank}*`],
  ["iri", `[a-zA-Z][a-zA-Z0-9+.-]*:${noBlank}*`],
  ["uri-reference", `${noBlank}*`],
  ["iri-reference", `${noBlank}*`],
  ["uuid", uuid],
  ...["1", "2", "3", "4", "5"].map((version): [string, string] => [`uuid${version}`, uuid]),
  ["json-pointer", "(/[^/]*)*"],
]);
