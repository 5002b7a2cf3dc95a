"use client";
import { useState, type FormEvent } from "react";
import type { Client } from "resetkit/client";
import { useResetPassword, type LinkOrCode } from "resetkit/react";
import { Field } from "./field";
import { Problem, Step, SubmitButton, valueOf } from "./step";

/** A rule that can be checked while the user types. The server checks all rules again, including those that need a list. */
export interface PasswordRule {
  readonly text: string;
  readonly test: (password: string) => boolean;
}

export const defaultRules: readonly PasswordRule[] = [
  { text: "At least 8 characters", test: (password) => [...password].length >= 8 },
  { text: "Not only numbers", test: (password) => /[^\d\s]/u.test(password) },
];

/** Takes the new password and, if the account has one, the second factor. Shows the result. */
export function ChoosePasswordForm({
  client,
  token,
  signInUrl,
  requestUrl,
  rules = defaultRules,
}: {
  readonly client: Client;
  readonly token: string | LinkOrCode;
  readonly signInUrl: string;
  /** URL of the page that requests a new link. */
  readonly requestUrl: string;
  readonly rules?: readonly PasswordRule[];
}) {
  const { status, isPending, message, errors, save, answer } = useResetPassword(client, token);
  const [password, setPassword] = useState("");
  const [isShown, setIsShown] = useState(false);
  const [isAskedForFactor, setIsAskedForFactor] = useState(false);
  // Keep showing the second-factor form while the answer is checked.
  if (status === "second_factor" && !isAskedForFactor) setIsAskedForFactor(true);

  function submitPassword(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    void save(password);
  }

  function submitAnswer(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    void answer(valueOf(event.currentTarget, "second_factor"));
  }

  // Each step has a key. Otherwise React would reuse the password's input, including its text, for the second factor.
  if (status === "done") {
    return (
      <Step key="done" title="Your password is saved">
        <p>You can use it to sign in now. Reset links we sent you earlier no longer work.</p>
        <a href={signInUrl} className="text-sm underline underline-offset-4">
          Sign in
        </a>
      </Step>
    );
  }
  if (status === "expired") {
    return (
      <Step key="expired" title="This link no longer works">
        <p>Reset links expire, and each one works only once. Part of the link may also be missing.</p>
        <a href={requestUrl} className="text-sm underline underline-offset-4">
          Request a new link
        </a>
      </Step>
    );
  }
  if (isAskedForFactor && errors.password === undefined) {
    return (
      <Step key="factor" title="Confirm it's you">
        <form onSubmit={submitAnswer} noValidate className="grid gap-4">
          <Problem>{message}</Problem>
          <Field
            label="Code from your authenticator app"
            name="second_factor"
            inputMode="numeric"
            autoComplete="one-time-code"
            errors={errors.secondFactor}
            required
          />
          <SubmitButton isPending={isPending}>Save password</SubmitButton>
        </form>
      </Step>
    );
  }
  return (
    <Step key="password" title="Choose a new password" isFirst>
      <form onSubmit={submitPassword} noValidate className="grid gap-4">
        <Problem>{message}</Problem>
        <Field
          label="New password"
          name="password"
          type={isShown ? "text" : "password"}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          errors={errors.password}
          hint={<Rules rules={rules} password={password} />}
          required
        >
          <button
            type="button"
            aria-pressed={isShown}
            aria-label="Show password"
            onClick={() => setIsShown(!isShown)}
            className="border-input size-10 shrink-0 rounded-md border"
          >
            <Eye isOpen={isShown} />
          </button>
        </Field>
        <SubmitButton isPending={isPending}>Save password</SubmitButton>
      </form>
    </Step>
  );
}

/** The rules, each with a symbol and hidden text that show whether it's met. */
function Rules({ rules, password }: { readonly rules: readonly PasswordRule[]; readonly password: string }) {
  return (
    <ul className="grid gap-1">
      {rules.map(({ text, test }) => {
        const isMet = test(password);
        return (
          <li key={text} data-met={isMet}>
            <span aria-hidden="true">{isMet ? "✓" : "○"} </span>
            {text}
            <span className="sr-only">{isMet ? " (met)" : " (not met yet)"}</span>
          </li>
        );
      })}
    </ul>
  );
}

function Eye({ isOpen }: { readonly isOpen: boolean }) {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      className="mx-auto size-5"
      aria-hidden="true"
    >
      <path d="M2 12s3.5-6.5 10-6.5S22 12 22 12s-3.5 6.5-10 6.5S2 12 2 12z" />
      <circle cx="12" cy="12" r="3" />
      {!isOpen && <path d="m4 4 16 16" />}
    </svg>
  );
}
