/** From this many accounts on, a query that reads all of them is worth a warning. */
export const large = 10_000;
