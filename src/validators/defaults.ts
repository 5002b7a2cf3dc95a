import type { Validator } from "../types.js";
import { common } from "./common.js";
import { length } from "./length.js";
import { numeric } from "./numeric.js";
import { similar } from "./similar.js";

/** The four validators that Django ships, in its order of messages. */
export function defaultValidators(): readonly Validator[] {
  return [length({ min: 8 }), common(), numeric(), similar()];
}
