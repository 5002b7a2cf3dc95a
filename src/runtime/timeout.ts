/** Waits for work for so many milliseconds of real time, then rejects. The work itself cannot be stopped. */
export async function withTimeout<T>(
  limit: number,
  what: string,
  work: () => T | PromiseLike<T>,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const error = new Error(`${what} did not end within ${limit / 1000} seconds`);
    timer = setTimeout(() => reject(error), limit);
  });
  try {
    return await Promise.race([work(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
