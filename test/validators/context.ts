/** What validators get when nothing is known about the account. */
export const nobody = { user: null, identifiers: [] };
