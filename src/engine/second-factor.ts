import { keyedName } from "../crypto/keyed-name.js";
import { writeUserId } from "../identity/user-id.js";
import { ResetError } from "../errors.js";
import type { Account, ResetContext } from "../types.js";
import { callback } from "./callbacks.js";
import type { Settings } from "./settings.js";
import { throttledFor } from "./throttle.js";

/**
 * Attempts at what only the user knows, with one token and on one account. A second factor has only a million values.
 */
const perToken = 5;
const perAccount = 10;
const day = 86_400_000;

export interface SecondFactor<U> {
  isRequired(user: U): Promise<boolean>;
  /**
   * Asks `secondFactor.verify`, then `ask` (listeners of `beforeReset`, which may check a second factor as well). Charged
   * before it's evaluated, and refunded unless the answer was wrong.
   */
  check(order: {
    readonly account: Account;
    readonly answer: string | undefined;
    readonly context: ResetContext;
    readonly given: { readonly token: string };
    readonly ask: () => Promise<void>;
  }): Promise<void>;
}

export function createSecondFactor<U>(
  settings: Pick<Settings<U>, "keys" | "counters" | "clock" | "secondFactor">,
): SecondFactor<U> {
  const { keys, counters, clock, secondFactor } = settings;

  async function isRequired(user: U): Promise<boolean> {
    if (!secondFactor) return false;
    return (await callback("secondFactor.required", () => secondFactor.required(user))) !== false;
  }

  async function hit(purpose: string, parts: readonly string[], by: number) {
    const key = await keyedName(keys, purpose, parts);
    return counters.hit(key, { per: day, by, now: clock() });
  }

  return {
    isRequired,

    async check({ account, answer, context, given, ask }) {
      const user = account.user as U;
      const isAsked = await isRequired(user);
      if (isAsked && answer === undefined) throw new ResetError("second_factor");
      const owner = [writeUserId(account.id), account.scope];
      const budgets = [
        ["factor/token", [given.token, ...owner], perToken],
        ["factor/account", owner, perAccount],
      ] as const;
      const charged: (readonly [string, readonly string[]])[] = [];
      const giveBack = () => Promise.all(charged.map(([purpose, parts]) => hit(purpose, parts, -1)));
      try {
        for (const [purpose, parts, most] of budgets) {
          const { count, resetAt } = await hit(purpose, parts, 1);
          charged.push([purpose, parts]);
          // Not evaluated, so not counted.
          if (count > most) throw throttledFor((resetAt - clock()) / 1_000);
        }
        if (isAsked && !(await isRight(user, answer!, context))) throw new ResetError("second_factor");
        await ask();
      } catch (error) {
        const isWrong = error instanceof ResetError && wrong.has(error.code);
        if (!isWrong) await giveBack().catch(() => undefined);
        throw error;
      }
      await giveBack();
    },
  };

  async function isRight(user: U, answer: string, context: ResetContext): Promise<boolean> {
    const verify = () => secondFactor?.verify(user, answer, context);
    return (await callback("secondFactor.verify", verify, { hidden: [answer] })) === true;
  }
}

const wrong: ReadonlySet<string> = new Set(["second_factor", "vetoed"]);
