"use client";
import { useEffect, useRef, type ComponentProps, type ReactNode } from "react";

/** One step. Its heading gets the focus when the step appears, so that screen readers announce it. */
export function Step({
  title,
  isFirst = false,
  children,
}: {
  readonly title: string;
  /** Whether it's the first step that the user sees. The focus then stays where the browser put it. */
  readonly isFirst?: boolean;
  readonly children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isFirst) heading.current?.focus();
  }, [isFirst]);
  return (
    <section className="mx-auto grid w-full max-w-sm gap-4 p-4">
      <h1 ref={heading} tabIndex={-1} className="text-2xl font-semibold outline-none">
        {title}
      </h1>
      {children}
    </section>
  );
}

/** An error that belongs to no field. */
export function Problem({ children }: { readonly children: string | undefined }) {
  return (
    <p role="alert" className="text-destructive text-sm empty:hidden">
      {children}
    </p>
  );
}

export function SubmitButton({
  isPending,
  children,
}: {
  readonly isPending: boolean;
  readonly children: string;
}) {
  return (
    <button
      type="submit"
      // Not `disabled`, which would lose the focus. The hooks ignore a second submit.
      aria-disabled={isPending}
      className="bg-primary text-primary-foreground h-10 rounded-md px-4 font-medium aria-disabled:opacity-60"
    >
      {children}
    </button>
  );
}

export function QuietButton(props: ComponentProps<"button">) {
  return <button type="button" className="text-sm underline underline-offset-4" {...props} />;
}

/** A field of a submitted form, as it was typed. */
export function valueOf(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name);
  return typeof value === "string" ? value : "";
}
