const secretWords = new Set(["KEY", "KEYS", "PASS", "PAT", "AUTH", "COOKIE", "DSN", "JWT"]);
const secretParts = /TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|APIKEY|ACCESSKEY|PRIVATEKEY/;
const addressWithPassword = /:\/\/[^/\s:@]*:[^/\s@]+@/;

/** Settings that keep programs from paging, colouring or asking, since nobody can answer them. */
const quiet = { TERM: "dumb", NO_COLOR: "1", PAGER: "cat", GIT_PAGER: "cat", GIT_TERMINAL_PROMPT: "0" };

/**
 * The environment of commands that a model asked for: the person's own, without what looks like a secret by its
 * name or holds a password in an address. A convenience, not a boundary: files with secrets are still readable.
 */
export function commandEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name, value = ""]) => !isSecret(name, value));
  return { ...Object.fromEntries(kept), ...quiet };
}

function isSecret(name: string, value: string): boolean {
  const upper = name.toUpperCase();
  if (upper === "SSH_AUTH_SOCK") return false;
  return (
    secretParts.test(upper) || upper.split("_").some((word) => secretWords.has(word)) || addressWithPassword.test(value)
  );
}
