import { hash } from "@node-rs/argon2";
import type { Users } from "resetkit";
import { IsNull, type DataSource, type EntityManager } from "typeorm";
import { Session } from "../users/session.entity.js";
import { User } from "../users/user.entity.js";

/**
 * Password, token and sessions change in one transaction: the handle that `lock`, `setPassword` and
 * `revokeSessions` get is TypeORM's own `EntityManager`.
 */
export function accounts(source: DataSource): Users<User> {
  return {
    findByIdentifier: (email) =>
      source
        .getRepository(User)
        .createQueryBuilder("user")
        .where("lower(user.email) = :email", { email: email.toLowerCase() })
        .getMany(),

    findById: (id: number) => source.getRepository(User).findOneBy({ id }),

    stateOf: (user) => [user.passwordHash, user.email, user.active],
    mayReset: (user) => user.active,
    hashPassword: (password) => hash(password),

    lock(id: number, { transaction }) {
      const manager: EntityManager = transaction;
      return manager.findOne(User, { where: { id }, lock: { mode: "pessimistic_write" } });
    },

    async setPassword(user, passwordHash, { expected, transaction }) {
      const manager: EntityManager = transaction;
      const [oldHash, email, active] = expected as [string | null, string, boolean];
      const asExpected = { id: user.id, passwordHash: oldHash ?? IsNull(), email, active };
      const { affected } = await manager.update(User, asExpected, { passwordHash });
      return affected === 1;
    },

    async revokeSessions(user, { transaction }) {
      const manager: EntityManager = transaction;
      await manager.delete(Session, { userId: user.id });
    },
  };
}
