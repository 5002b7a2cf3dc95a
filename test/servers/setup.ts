/** Gives a test run a place for its servers, and ends them with it. */
export { openPlace as setup } from "./place.js";
