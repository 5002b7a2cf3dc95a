/** Texts from tutorials and templates, which are in many repositories. */
const placeholder =
  /change.?me|django-insecure|your.?secret|placeholder|replace.?(this|me)|keyboard.?cat|random.?(string|secret)|insert.{0,9}here/i;
/** Sequences that people type out of habit, in either direction. */
const rows = ["01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm"];
/** At least this many of 32 characters must not follow from the one before. A random text of digits alone has 25. */
const fewest = 10;

/** Why anyone could guess a secret, whatever its length; `undefined` if it has no known weakness. */
export function weaknessOf(secret: string): string | undefined {
  if (placeholder.test(secret)) return "is a placeholder that anyone could guess";
  if (repeatsItself(secret)) return "repeats itself, so anyone could guess it";
  if (unforeseen(secret.toLowerCase()) < fewest) return "is a sequence that anyone could guess";
  return undefined;
}

/**
 * Whether a text repeats from its beginning, except for a short end. A random one never has twelve characters twice.
 */
function repeatsItself(text: string): boolean {
  for (let period = 1; period < text.length - 11; period++) {
    let end = period;
    while (end < text.length && text[end] === text[end - period]) end++;
    if (end - period >= 12 && end >= text.length - 15) return true;
  }
  return false;
}

/** How many characters don't continue a sequence of the alphabet or the keyboard. */
function unforeseen(text: string): number {
  let count = 0;
  let before = "";
  for (const letter of text) {
    const follows =
      letter === before || rows.some((row) => row.includes(before + letter) || row.includes(letter + before));
    if (before === "" || !follows) count++;
    before = letter;
  }
  return count;
}

/** Whether a text consists only of letters in one case and of word separators. */
export function isWords(secret: unknown): boolean {
  return typeof secret === "string" && (/^[a-z\s._-]+$/.test(secret) || /^[A-Z\s._-]+$/.test(secret));
}
