"use client";
import { useEffect, type FormEvent } from "react";
import type { Client } from "resetkit/client";
import { useCode, type LinkOrCode } from "resetkit/react";
import { Field } from "./field";
import { Problem, QuietButton, Step, SubmitButton, valueOf } from "./step";

/** Takes the one-time code from the message. Pass the client that requested it. */
export function CodeForm({
  client,
  identifier,
  onAccepted,
  onAgain,
}: {
  readonly client: Client;
  /** The identifier that the code was requested for. */
  readonly identifier: string;
  readonly onAccepted: (code: LinkOrCode) => void;
  readonly onAgain: () => void;
}) {
  const { isPending, message, errors, check, accepted } = useCode(client);
  useEffect(() => {
    if (accepted) onAccepted(accepted);
  }, [accepted, onAccepted]);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    void check(identifier, valueOf(event.currentTarget, "code"));
  }

  return (
    <Step title="Enter your code">
      <p>Enter the code from the message we sent you. It expires after a few minutes.</p>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <Problem>{message}</Problem>
        <Field label="Code" name="code" autoComplete="one-time-code" errors={errors.code} required />
        <SubmitButton isPending={isPending}>Continue</SubmitButton>
      </form>
      <QuietButton onClick={onAgain}>Request a new code</QuietButton>
    </Step>
  );
}
