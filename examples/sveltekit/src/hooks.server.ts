import { start } from "$lib/server/password-reset";

/** SvelteKit calls it once, when the server starts. */
export const init = start;
