"use client";
/**
 * Hooks for the forms of a reset: state and errors, without markup or styles. For React 18 or newer.
 *
 * @module
 */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { createClient, type Client, type ClientOptions, type Failure, type Outcome } from "../client.js";

/** The errors of each field, as sentences to show below it. */
export interface FormErrors {
  readonly identifier?: readonly string[];
  readonly code?: readonly string[];
  readonly password?: readonly string[];
  readonly secondFactor?: readonly string[];
}

/** The state of a form. `Done` is the form's status after success. */
export interface FormState<Done extends string> {
  /** If it's `error`, the call failed, and `message` or `errors` says why. The user can try again. */
  readonly status: "idle" | "pending" | "error" | Done;
  /** Whether a call is running. */
  readonly isPending: boolean;
  /** An error that belongs to no field, as a sentence to show above the form. */
  readonly message: string | undefined;
  /** The errors of the fields. */
  readonly errors: FormErrors;
  /** Seconds to wait, if the call was rate-limited or the server is unavailable. */
  readonly retryAfter: number | undefined;
}

/** Further properties to send, such as a solved CAPTCHA for the server's `gate`. */
type More = Readonly<Record<string, unknown>>;

/** The token of a link, or a code with the identifier that it was sent to. */
export interface LinkOrCode {
  readonly token: string;
  readonly identifier?: string;
}

/** What `useForgotPassword` returns. */
export interface ForgotPassword extends FormState<"sent"> {
  /** Requests a reset. Ignored while an earlier call runs. */
  request(identifier: string, more?: More): Promise<void>;
  /** Returns to the empty form, to request another link. */
  startOver(): void;
}

/**
 * The form that requests a reset. `sent` means that the request was accepted, whether or not there's an account.
 *
 * @param clientOrOptions - What `createClient` returned, or its options.
 * @example
 * ```tsx
 * const { status, errors, request } = useForgotPassword(client);
 * ```
 */
export function useForgotPassword(clientOrOptions: Pick<Client, "request"> | ClientOptions): ForgotPassword {
  const client = useClient(clientOrOptions);
  const { state, run, startOver } = useCall();
  const request = useCallback(
    (identifier: string, more?: More) => run((options) => client.request({ ...more, identifier }, options)),
    [client, run],
  );
  return { ...formState(state, "sent", "identifier"), request, startOver };
}

/** What `useCode` returns. */
export interface CodeForm extends FormState<"accepted"> {
  /** Checks a code that was sent to an identifier. Ignored while an earlier call runs. */
  check(identifier: string, code: string, more?: More): Promise<void>;
  /** What to pass to `useResetPassword` once `status` is `accepted`. */
  readonly accepted: LinkOrCode | undefined;
  /** Returns to the empty form. */
  startOver(): void;
}

/**
 * The form that takes a one-time code. A wrong or expired code is an error of the field `code`.
 *
 * Use the client that requested the code, because it remembers the flow that the code was sent for.
 *
 * @param clientOrOptions - What `createClient` returned, or its options.
 */
export function useCode(clientOrOptions: Pick<Client, "validate"> | ClientOptions): CodeForm {
  const client = useClient(clientOrOptions);
  const { state, run, startOver } = useCall();
  const [typed, setTyped] = useState<LinkOrCode>();
  const check = useCallback(
    (identifier: string, code: string, more?: More) => {
      const token = code.trim();
      setTyped({ token, identifier });
      return run((options) => client.validate({ ...more, token, identifier }, options));
    },
    [client, run],
  );
  const form = formState(state, "accepted", "code");
  return { ...form, check, accepted: form.status === "accepted" ? typed : undefined, startOver };
}

/** What `useResetPassword` returns. */
export interface ResetPassword extends FormState<"done" | "second_factor" | "expired"> {
  /** Sets the new password. Ignored while an earlier call runs. */
  save(password: string, more?: More): Promise<void>;
  /** Sends the password of the last `save` again, with the answer to the second factor. */
  answer(secondFactor: string, more?: More): Promise<void>;
}

/**
 * The form that sets the new password.
 *
 * In addition to the states of every form, `status` can be `second_factor`: ask the user for the second factor, and call
 * `answer`. It's `expired` if the link or code no longer works: offer to request a new one. The token stays valid after a
 * rejected password or a wrong answer.
 *
 * @param clientOrOptions - What `createClient` returned, or its options.
 * @param token - The token of the link, or what `useCode` accepted.
 */
export function useResetPassword(
  clientOrOptions: Pick<Client, "confirm"> | ClientOptions,
  token: string | LinkOrCode,
): ResetPassword {
  const client = useClient(clientOrOptions);
  const { state, run } = useCall();
  const password = useRef("");
  const [name, identifier] = typeof token === "string" ? [token] : [token.token, token.identifier];
  const send = useCallback(
    (secondFactor: string | undefined, more?: More) =>
      run((options) =>
        client.confirm(
          {
            ...more,
            token: name,
            password: password.current,
            ...(identifier !== undefined && { identifier }),
            ...(secondFactor !== undefined && { secondFactor }),
          },
          options,
        ),
      ),
    [client, run, name, identifier],
  );
  const save = useCallback(
    (typed: string, more?: More) => {
      password.current = typed;
      return send(undefined, more);
    },
    [send],
  );
  const answer = useCallback((typed: string, more?: More) => send(typed, more), [send]);
  const form = formState(state, "done", "password");
  return { ...form, status: stepOf(state, form.status), save, answer };
}

/**
 * Reads the token from the address bar and removes it there, so that no referrer, log, or history entry keeps it.
 * `/reset-password/{token}` becomes `/reset-password`.
 *
 * @param path - The path of the page, without the token.
 * @returns The token, `undefined` until it's known (and on the server), or `null` if the URL has no token.
 */
export function useLinkToken(path: string): string | null | undefined {
  const [token, setToken] = useState<string | null>();
  useEffect(() => {
    const start = `${path}/`;
    const { pathname } = window.location;
    // Strict mode runs effects twice. The second time, the token is no longer in the URL but already known.
    if (pathname.startsWith(start) && pathname.length > start.length) {
      setToken(decodeToken(pathname.slice(start.length).replace(/\/$/, "")));
      window.history.replaceState(window.history.state, "", path);
    } else setToken((known) => known ?? null);
  }, [path]);
  return token;
}

function decodeToken(written: string): string | null {
  try {
    return decodeURIComponent(written);
  } catch {
    return null;
  }
}

/** Clients by their options, so that hooks with equal options share the flow of a code. */
const clients = /* @__PURE__ */ new Map<string, Client>();

/** The client that was passed, or the client for the options that were passed. */
function useClient<Part extends object>(given: Part | ClientOptions): Part | Client {
  return useMemo(
    () => {
      if (!("baseUrl" in given)) return given;
      if (given.fetch) return createClient(given);
      const key = JSON.stringify([given.baseUrl, given.field]);
      const client = clients.get(key) ?? createClient(given);
      clients.set(key, client);
      return client;
      // Options are usually an inline literal, which is a new object on each render.
    },
    "baseUrl" in given ? [given.baseUrl, given.field, given.fetch] : [given, undefined, undefined],
  );
}

interface CallState {
  readonly isPending: boolean;
  readonly outcome?: Outcome;
}

type Call = (options: { readonly signal: AbortSignal }) => Promise<Outcome>;

const idle: CallState = { isPending: false };

/**
 * Runs one call at a time, and aborts it when the component unmounts. A second call while the first one runs is ignored: if
 * a password were sent twice, the second response would be that the link no longer works.
 */
function useCall() {
  const [state, setState] = useState(idle);
  const running = useRef<AbortController | undefined>(undefined);
  useEffect(
    () => () => {
      running.current?.abort();
      running.current = undefined;
    },
    [],
  );
  const run = useCallback(async (call: Call): Promise<void> => {
    if (running.current) return;
    const own = new AbortController();
    running.current = own;
    // Keep the previous errors until there's a response, so that the layout doesn't jump.
    setState(({ outcome }) => ({ isPending: true, ...(outcome && { outcome }) }));
    try {
      const outcome = await call({ signal: own.signal });
      if (running.current === own) setState({ isPending: false, outcome });
    } catch (error) {
      if (!own.signal.aborted) throw error;
    } finally {
      if (running.current === own) running.current = undefined;
    }
  }, []);
  const startOver = useCallback(() => setState(idle), []);
  return { state, run, startOver };
}

/** `field` receives the errors of the token, which is a link's or a code's. */
function formState<Done extends string>(
  { isPending, outcome }: CallState,
  done: Done,
  field: keyof FormErrors,
): FormState<Done> {
  const failure = outcome && !outcome.ok ? outcome : undefined;
  const errors = failure ? errorsOf(failure, field) : {};
  const hasFields = Object.keys(errors).length > 0;
  return {
    status: isPending ? "pending" : outcome ? (outcome.ok ? done : "error") : "idle",
    isPending,
    message: failure && !hasFields ? failure.message : undefined,
    errors,
    retryAfter: failure && "retryAfter" in failure ? failure.retryAfter : undefined,
  };
}

function errorsOf(failure: Failure, field: keyof FormErrors): FormErrors {
  if (failure.code === "weak_password") return { password: failure.problems };
  if (failure.code === "invalid_token" && field === "code") return { code: [failure.message] };
  if (!("fields" in failure)) return {};
  const errors: Partial<Record<keyof FormErrors, readonly string[]>> = {};
  for (const [name, sentences] of Object.entries(failure.fields)) {
    errors[placeOf(name, field)] = sentences;
  }
  return errors;
}

/** Maps the server's field names to the form's. The identifier's field can have any name. */
function placeOf(name: string, field: keyof FormErrors): keyof FormErrors {
  if (name === "password") return "password";
  if (name === "second_factor") return "secondFactor";
  if (name === "token") return field;
  return "identifier";
}

function stepOf(
  { isPending, outcome }: CallState,
  status: FormState<"done">["status"],
): ResetPassword["status"] {
  if (isPending || !outcome || outcome.ok) return status;
  if (outcome.code === "second_factor") return "second_factor";
  return outcome.code === "invalid_token" ? "expired" : status;
}
