import { ResetError } from "../errors.js";
import { readMembers, type Members } from "../http/body.js";
import { readFields, type Field } from "../http/fields.js";
import { attemptOf, passGate } from "../http/gate.js";
import { parseMediaType } from "../http/media-type.js";
import type { Sentences } from "../locales/en.js";
import type { HttpRequest, Stage } from "../types.js";
import type { Visit } from "./page.js";

/** Enough for two passwords of 1 kB with every byte percent-encoded as three, and the other fields. */
const limits = { maxBytes: 16_384, timeout: 10_000 };

export interface PostedForm {
  /** A field as it was sent; empty if it's missing or isn't text. */
  text(name: string): string;
  /** Checks a field as the API does, and returns its errors as sentences. `blank` is the one for an empty field. */
  check(field: Field, blank: string): Checked;
  /** Calls the application's gate with the identifier and no other field. Throws `vetoed` if the gate rejects the form. */
  pass(stage: Stage): Promise<void>;
}

export interface Checked {
  readonly value: string;
  /** Absent if the value is valid. */
  readonly errors?: readonly string[];
}

/** The fields of a posted form, unchecked. */
export async function readPosted(request: HttpRequest, sentences: Sentences): Promise<Members> {
  const type = parseMediaType(request.header("content-type") ?? "")?.type;
  if (type !== "application/x-www-form-urlencoded") throw new ResetError("unsupported_media_type");
  return readMembers(request, await request.body(limits), sentences.api);
}

/** Reads a posted form. Only the content type that browsers send from these pages is accepted. */
export async function readForm(visit: Visit): Promise<PostedForm> {
  const { site, request, context, sentences } = visit;
  const members = await readPosted(request, sentences);
  for (const name of members.names()) visit.hidden.add(String(members.get(name)));

  const text = (name: string): string => {
    const value = members.get(name);
    return typeof value === "string" ? value : "";
  };
  return {
    text,
    check(field, blank) {
      try {
        return { value: readFields([field], members)[field.role] ?? "" };
      } catch (error) {
        if (!(error instanceof ResetError)) throw error;
        const say: Readonly<Record<string, string>> = { ...sentences.api.fields, blank, required: blank };
        const codes = error.fields[field.name] ?? [];
        return { value: text(field.name), errors: codes.map((code) => say[code] ?? code) };
      }
    },
    async pass(stage) {
      if (!site.gate) return;
      const names = () => members.names().filter((name) => name === site.field);
      const shown: Members = { ...members, names };
      await passGate(site.gate, attemptOf(stage, request, context, shown), site.log);
    },
  };
}
