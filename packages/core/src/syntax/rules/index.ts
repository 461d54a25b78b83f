import { bash } from "./bash.ts";
import { c, cpp } from "./c-family.ts";
import { cSharp } from "./c-sharp.ts";
import { javascript, tsx, typescript } from "./ecmascript.ts";
import { go } from "./go.ts";
import { java } from "./java.ts";
import { php } from "./php.ts";
import { python } from "./python.ts";
import { ruby } from "./ruby.ts";
import type { LanguageRules } from "./rules.ts";
import { rust } from "./rust.ts";

/** By the name that `languageOf` gives. */
export const rulesOf: Readonly<Record<string, LanguageRules>> = {
  typescript,
  tsx,
  javascript,
  python,
  go,
  rust,
  java,
  c,
  cpp,
  csharp: cSharp,
  ruby,
  php,
  bash,
};
