/** What `withTimeout` rejects with: the work may still end, or never. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/** Waits for work for at most `limit` milliseconds of real time, then rejects. The work itself can't be stopped. */
export async function withTimeout<T>(
  limit: number,
  what: string,
  work: () => T | PromiseLike<T>,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    // The error is made only when it's needed: this runs around every callback of the application, and a stack trace
    // costs time.
    const end = () => reject(new TimeoutError(`${what} didn't end within ${limit / 1000} seconds`));
    timer = setTimeout(end, limit);
  });
  try {
    return await Promise.race([work(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
