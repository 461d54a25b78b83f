/** One kind of secret by its form. The forms are those that the issuers document; each is long and unmistakable. */
interface SecretRule {
  name: string;
  form: RegExp;
}

const rules: readonly SecretRule[] = [
  { name: "private key", form: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----/g },
  { name: "AWS access key", form: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g },
  { name: "GitHub token", form: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b/g },
  { name: "GitLab token", form: /\bglpat-[A-Za-z0-9_-]{20,}/g },
  { name: "Slack token", form: /\bxox[abeprs]-[A-Za-z0-9-]{20,200}/g },
  {
    name: "Slack webhook",
    form: /https:\/\/hooks\.slack\.com\/services\/T[A-Za-z0-9_]+\/B[A-Za-z0-9_]+\/[A-Za-z0-9_]{16,}/g,
  },
  { name: "Google API key", form: /\bAIza[A-Za-z0-9_-]{35}\b/g },
  { name: "Stripe key", form: /\b[rs]k_live_[A-Za-z0-9]{20,}\b/g },
  { name: "npm token", form: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { name: "PyPI token", form: /\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}/g },
  { name: "Anthropic key", form: /\bsk-ant-[A-Za-z0-9_-]{40,}/g },
  { name: "OpenAI key", form: /\bsk-(?:proj-)?[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9_-]{20,}/g },
  { name: "Hugging Face token", form: /\bhf_[A-Za-z0-9]{34}\b/g },
  { name: "SendGrid key", form: /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/g },
  { name: "JSON web token", form: /\beyJ[A-Za-z0-9_-]{16,2000}\.eyJ[A-Za-z0-9_-]{16,4000}\.[A-Za-z0-9_-]{20,}/g },
  {
    name: "password in a URL",
    form: /\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s:/@'"`${}<]{1,100}:[^\s/@'"`${}<]{6,200}@[\w.-]{1,100}/g,
  },
];

/** Examples in documentation are no secrets: AWS and others publish keys with these words in them. */
const examples = /EXAMPLE|example|XXXX|xxxx|\*\*\*\*|placeholder|changeme|password@|:password\b/;

export interface FoundSecret {
  name: string;
  /** Enough to find it, never enough to use it. */
  shown: string;
}

/** Secrets in one line of text. */
export function findSecrets(line: string): FoundSecret[] {
  return rules.flatMap(({ name, form }) =>
    [...line.matchAll(form)].flatMap(([text]) => (examples.test(text) ? [] : [{ name, shown: hide(text) }])),
  );
}

const hide = (text: string): string => (text.startsWith("-----") ? text : `${text.slice(0, 4)}…`);
