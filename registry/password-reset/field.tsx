"use client";
import { useId, type ComponentProps, type ReactNode } from "react";

/** A labeled field. Its hint and errors are tied to it for screen readers, which announce errors when they appear. */
export function Field({
  label,
  hint,
  errors = [],
  children,
  ...input
}: ComponentProps<"input"> & {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly errors?: readonly string[] | undefined;
  /** Shown next to the input, such as a button. */
  readonly children?: ReactNode;
}) {
  const id = useId();
  const isWrong = errors.length > 0;
  const describedBy = [isWrong && `${id}-errors`, hint !== undefined && `${id}-hint`]
    .filter(Boolean)
    .join(" ");
  return (
    <div className="grid gap-2">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {hint !== undefined && (
        <div id={`${id}-hint`} className="text-muted-foreground text-sm">
          {hint}
        </div>
      )}
      <div className="flex gap-2">
        <input
          id={id}
          autoCapitalize="none"
          spellCheck={false}
          aria-invalid={isWrong || undefined}
          aria-describedby={describedBy || undefined}
          className="border-input bg-background focus-visible:ring-ring aria-invalid:border-destructive h-10 w-full min-w-0 rounded-md border px-3 focus-visible:ring-2"
          {...input}
        />
        {children}
      </div>
      <div role="alert" id={`${id}-errors`} className="text-destructive text-sm empty:hidden">
        {errors.map((error) => (
          <p key={error}>{error}</p>
        ))}
      </div>
    </div>
  );
}
