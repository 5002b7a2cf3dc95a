/** Makes something on first use, and only once. A failure isn't remembered: the next call tries again. */
export function once<T>(make: () => Promise<T>): (() => Promise<T>) & { isCalled(): boolean } {
  let made: Promise<T> | undefined;
  const call = () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
  return Object.assign(call, { isCalled: () => made !== undefined });
}
