import { ResetError } from "../errors.js";
import { hasInvisible, isAddress, isPlainText } from "../identity/identifier.js";
import type { Members } from "./body.js";

/** What a field may hold. */
export type FieldKind = "address" | "text" | "token" | "password";

/** What a field is for. */
export type Role = "identifier" | "token" | "password" | "secondFactor";

export interface Field {
  /** Its name in bodies. */
  readonly name: string;
  readonly role: Role;
  readonly kind: FieldKind;
  readonly required: boolean;
}

export type Values = Partial<Record<Role, string>>;

/**
 * Reads and checks the fields of a route. Throws `invalid_input` with everything that's wrong, in the order of the
 * fields. Other properties are ignored.
 *
 * Email addresses, usernames, and tokens are trimmed; a password is never changed.
 */
export function readFields(fields: readonly Field[], members: Members): Values {
  const values: Values = {};
  let wrong: Record<string, readonly string[]> | undefined;
  for (const field of fields) {
    const read = readField(field, members);
    if (typeof read === "string") values[field.role] = read;
    else if (read) (wrong ??= {})[field.name] = read;
  }
  if (wrong) throw new ResetError("invalid_input", { fields: wrong });
  return values;
}

/** The value, or the codes of what's wrong with it, or nothing if an optional field is left out. */
function readField(
  { name, kind, required }: Field,
  members: Members,
): string | readonly string[] | undefined {
  const given = members.get(name);
  if (given === undefined) return required ? ["required"] : undefined;
  if (given === null) return required ? ["null"] : undefined;
  const raw = typeof given === "number" ? wholeNumber(members.numberText(name)) : given;
  if (typeof raw !== "string") return [kind === "address" ? "invalid_address" : "not_text"];
  const value = kind === "password" ? raw : raw.trim();
  if (value === "") return required ? ["blank"] : undefined;
  const problems = problemsOf(value, kind);
  if (problems.length === 0) return value;
  // Front ends send what people typed. In an optional field, such text is never a reason to reject the rest.
  return required || raw !== given ? problems : undefined;
}

/** Clients send codes as JSON numbers. `1.0` and `1e3` were never anyone's code. */
function wholeNumber(text: string | undefined): string | undefined {
  return text !== undefined && /^-?\d+$/.test(text) ? text : undefined;
}

const loneSurrogate = /\p{Cs}/u;

function problemsOf(value: string, kind: FieldKind): readonly string[] {
  const problems: string[] = [];
  // Some databases refuse a null character, some hashes end at it, and lone surrogates all become U+FFFD in UTF-8.
  if (value.includes("\0")) problems.push("null_character");
  if (loneSurrogate.test(value)) problems.push("not_well_formed");
  if ((kind === "address" && !isAddress(value)) || (kind === "text" && !isPlainText(value))) {
    const other = kind === "address" ? "invalid_address" : "invalid_text";
    problems.push(hasInvisible(value) ? "invisible_character" : other);
  }
  return problems;
}
