/**
 * Password reset for back ends that already have accounts.
 *
 * @module
 */
export { passwordReset } from "./password-reset.js";
export { ResetError, errorStatus, type ErrorCode, type ErrorDetails } from "./errors.js";
export { storedTokens, type StoredTokensOptions } from "./tokens/stored.js";
export { signedTokens, type SignedTokensOptions } from "./tokens/signed.js";
export { djangoTokens, type DjangoTokensOptions } from "./tokens/django.js";
export { randomNumber, randomString } from "./tokens/generators.js";
export { memoryStore } from "./stores/memory.js";
export type * from "./types.js";
