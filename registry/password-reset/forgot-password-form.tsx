"use client";
import { useState, type FormEvent } from "react";
import type { Client } from "resetkit/client";
import { useForgotPassword } from "resetkit/react";
import { Field } from "./field";
import { Problem, QuietButton, Step, SubmitButton, valueOf } from "./step";

/** Requests a link, and then shows the same message whether or not there's an account. */
export function ForgotPasswordForm({
  client,
  signInUrl,
  onEnterCode,
}: {
  readonly client: Client;
  readonly signInUrl: string;
  /** For tokens that come with a code: continues to `CodeForm`. */
  readonly onEnterCode?: (identifier: string) => void;
}) {
  const { status, isPending, message, errors, request, startOver } = useForgotPassword(client);
  const [identifier, setIdentifier] = useState("");

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = valueOf(event.currentTarget, "email");
    setIdentifier(typed);
    void request(typed);
  }

  if (status === "sent") {
    return (
      <Step key="sent" title="Check your inbox">
        <p>
          If an account matches what you entered, a reset link is on its way. It works once and expires soon.
        </p>
        <p className="text-muted-foreground text-sm">Nothing after a few minutes? Check your spam folder.</p>
        {onEnterCode && (
          <QuietButton onClick={() => onEnterCode(identifier)}>Enter the code instead</QuietButton>
        )}
        <QuietButton onClick={startOver}>Request another link</QuietButton>
        <a href={signInUrl} className="text-sm underline underline-offset-4">
          Back to sign in
        </a>
      </Step>
    );
  }
  return (
    <Step key="form" title="Forgot your password?" isFirst>
      <p>Enter the email address for your account, and we&apos;ll send you a link to reset your password.</p>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <Problem>{message}</Problem>
        <Field
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          errors={errors.identifier}
          required
        />
        <SubmitButton isPending={isPending}>Send reset link</SubmitButton>
      </form>
      <a href={signInUrl} className="text-sm underline underline-offset-4">
        Back to sign in
      </a>
    </Step>
  );
}
