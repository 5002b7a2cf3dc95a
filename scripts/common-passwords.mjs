// Generates src/validators/common/passwords.ts from the list in the package @zxcvbn-ts/language-common (MIT).
//
//   npm pack @zxcvbn-ts/language-common@4.1.3 && tar xzf zxcvbn-ts-language-common-4.1.3.tgz
//   node scripts/common-passwords.mjs package/src/passwords.json
import { readFileSync, writeFileSync } from "node:fs";

const count = 20_000;
const lineLength = 100;

const [, , source] = process.argv;
if (!source) throw new Error("Pass the list: node scripts/common-passwords.mjs package/src/passwords.json");

// The list is sorted by how often a password was seen. The few that would need escapes in a template string are left out.
const seen = JSON.parse(readFileSync(source, "utf8"))
  .filter((word) => /^[\x21-\x7e]+$/.test(word) && word === word.toLowerCase() && !/[`\\$]/.test(word))
  .slice(0, count);

// zxcvbn finds these by rule, so its list doesn't contain most of them.
const runs = [..."0123456789abcdefghijklmnopqrstuvwxyz"].flatMap((character) =>
  [4, 5, 6, 7, 8, 9, 10, 11, 12].map((length) => character.repeat(length)),
);
const ladders = ["0123456789", "01234567", "012345678", "9876543210", "abcdefghijklmnopqrstuvwxyz"];
const words = [...new Set([...seen, ...runs, ...ladders])].sort();

let packed = "";
let previous = "";
for (const word of words) {
  let shared = 0;
  while (shared < 25 && shared < word.length && word[shared] === previous[shared]) shared++;
  packed += String.fromCharCode(65 + shared) + word.slice(shared);
  previous = word;
}

const lines = packed.match(new RegExp(`.{1,${lineLength}}`, "g"));
const header = `/**
 * The ${words.length} passwords that attackers try first. Made by scripts/common-passwords.mjs; don't edit it by hand.
 *
 * From @zxcvbn-ts/language-common 4.1.3, © 2012-2016 Dan Wheeler and Dropbox, Inc., © 2021 @zxcvbn-ts, MIT
 * license (see NOTICE), which counted them in published breaches; and repeated characters, which it leaves out.
 *
 * Sorted and front-coded: a capital letter begins a word and encodes how many characters it shares with the one
 * before (A: none, B: one …). Line breaks mean nothing.
 *
 * @module
 */
`;
const target = new URL("../src/validators/common/passwords.ts", import.meta.url);
writeFileSync(target, `${header}export const packed = \`\n${lines.join("\n")}\n\`;\n`);
console.log(`${words.length} passwords, ${packed.length} characters`);
