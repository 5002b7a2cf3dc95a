/**
 * Password reset for an application on TypeORM and PostgreSQL: its own entities, its own data source, and
 * password, token and sessions in one transaction. (Entities are written as schemas here; classes with
 * decorators do as well.)
 *
 * @module
 */
import { hash } from "@node-rs/argon2";
import { EntitySchema, IsNull, type DataSource, type EntityManager } from "typeorm";
import { passwordReset, type ResetOptions, type Users } from "resetkit";
import { typeorm } from "resetkit/connections/typeorm";
import { sqlStore } from "resetkit/stores/sql";

export interface User {
  id: number;
  email: string;
  /** Null if the user signs in another way, such as with a company account. */
  passwordHash: string | null;
  active: boolean;
}

export interface Session {
  cookieHash: string;
  userId: number;
}

export const UserEntity = new EntitySchema<User>({
  name: "User",
  tableName: "users",
  columns: {
    id: { type: "int", primary: true, generated: "increment" },
    email: { type: "text", unique: true },
    passwordHash: { type: "text", name: "password_hash", nullable: true },
    active: { type: "boolean", default: true },
  },
});

export const SessionEntity = new EntitySchema<Session>({
  name: "Session",
  tableName: "sessions",
  columns: {
    cookieHash: { type: "text", primary: true, name: "cookie_hash" },
    userId: { type: "int", name: "user_id" },
  },
});

/** `migrate(typeorm(source))`, or the SQL that `npx resetkit migrate --print` prints, has made the tables of resetkit. */
export function createReset(source: DataSource, options: Omit<ResetOptions<User>, "users" | "store">) {
  return passwordReset<User>({
    users: accounts(source),
    store: sqlStore(typeorm(source)),
    throttles: "fair",
    ...options,
  });
}

/** The handle that `lock`, `setPassword` and `revokeSessions` get is TypeORM's own `EntityManager`. */
export function accounts(source: DataSource): Users<User> {
  return {
    findByIdentifier: (email) =>
      source
        .getRepository(UserEntity)
        .createQueryBuilder("user")
        .where("lower(user.email) = :email", { email: email.toLowerCase() })
        .getMany(),

    findById: (id: number) => source.getRepository(UserEntity).findOneBy({ id }),

    stateOf: (user) => [user.passwordHash, user.email, user.active],
    mayReset: (user) => user.active,
    hashPassword: (password) => hash(password),

    lock(id: number, { transaction }) {
      const manager: EntityManager = transaction;
      return manager.findOne(UserEntity, { where: { id }, lock: { mode: "pessimistic_write" } });
    },

    async setPassword(user, passwordHash, { expected, transaction }) {
      const manager: EntityManager = transaction ?? source.manager;
      const [oldHash, email, active] = expected as [string | null, string, boolean];
      const asExpected = { id: user.id, passwordHash: oldHash ?? IsNull(), email, active };
      const { affected } = await manager.update(UserEntity, asExpected, { passwordHash });
      return affected === 1;
    },

    async revokeSessions(user, { transaction }) {
      const manager: EntityManager = transaction ?? source.manager;
      await manager.delete(SessionEntity, { userId: user.id });
    },
  };
}
