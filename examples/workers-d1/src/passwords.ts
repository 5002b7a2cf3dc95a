/** `salt.hash`, both base64, by PBKDF2: 100,000 rounds are the most that Workers do in one call. */
export async function hashPassword(password: string): Promise<string> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  return [salt, await derive(password, salt)].map((bytes) => btoa(String.fromCharCode(...bytes))).join(".");
}

export async function verifyPassword(stored: string, password: string): Promise<boolean> {
  const [salt, expected] = stored
    .split(".")
    .map((part) => Uint8Array.from(atob(part), (one) => one.charCodeAt(0)));
  const actual = await derive(password, salt!);
  // Compared as a whole, so that the time doesn't tell how much of it is right.
  return actual.reduce((difference, byte, index) => difference | (byte ^ expected![index]!), 0) === 0;
}

async function derive(password: string, salt: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(password);
  const key = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", iterations: 100_000, salt };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}
