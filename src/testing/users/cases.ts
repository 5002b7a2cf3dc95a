/**
 * What resetkit requires of an application's accounts, case by case.
 *
 * @module
 */
import { agreementCases } from "./agreement.js";
import type { UsersCase } from "./case.js";
import { lockCases } from "./lock.js";
import { lookUpCases } from "./look-ups.js";
import { passwordCases } from "./passwords.js";
import { sessionCases } from "./sessions.js";

export const usersCases: readonly UsersCase[] = [
  ...lookUpCases,
  ...agreementCases,
  ...passwordCases,
  ...sessionCases,
  ...lockCases,
];
