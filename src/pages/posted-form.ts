import { ResetError } from "../errors.js";
import { readMembers, type Members } from "../http/body.js";
import { readFields, type Field } from "../http/fields.js";
import { attemptOf, passGate } from "../http/gate.js";
import { parseMediaType } from "../http/media-type.js";
import type { Sentences } from "../locales/en.js";
import type { HttpRequest, Stage } from "../types.js";
import type { Visit } from "./page.js";

/** Room for two passwords of a kilobyte, each of their bytes written as three, and all the rest. */
const limits = { maxBytes: 16_384, timeout: 10_000 };

export interface PostedForm {
  /** A field as it was sent; empty where it was not, or is no text. */
  text(name: string): string;
  /** Checks a field as the API does, and gives what is wrong in sentences; `blank` is the one for nothing. */
  check(field: Field, blank: string): Checked;
  /** Asks the application's gate; throws `vetoed` where it says no. Shows it what names the account, and no more. */
  pass(stage: Stage): Promise<void>;
}

export interface Checked {
  readonly value: string;
  /** Absent where all is well. */
  readonly errors?: readonly string[];
}

/** The fields of a posted form, unchecked. */
export async function readPosted(request: HttpRequest, sentences: Sentences): Promise<Members> {
  const type = parseMediaType(request.header("content-type") ?? "")?.type;
  if (type !== "application/x-www-form-urlencoded") throw new ResetError("unsupported_media_type");
  return readMembers(request, await request.body(limits), sentences.api);
}

/** Reads a posted form, of the one type that browsers send from our pages. */
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
