import { Injectable } from "@nestjs/common";
import { InjectDataSource } from "@nestjs/typeorm";
import { hash } from "@node-rs/argon2";
import { createTransport } from "nodemailer";
import { passwordReset } from "resetkit";
import type { PasswordResetModuleOptions, PasswordResetOptionsFactory } from "resetkit/adapters/nestjs";
import { typeorm } from "resetkit/connections/typeorm";
import { toConsole } from "resetkit/delivery/console";
import { byEmail } from "resetkit/delivery/email";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { sqlUsers } from "resetkit/users/sql";
import type { DataSource } from "typeorm";

@Injectable()
export class PasswordResetOptions implements PasswordResetOptionsFactory {
  constructor(@InjectDataSource() private readonly source: DataSource) {}

  async createPasswordResetOptions(): Promise<PasswordResetModuleOptions> {
    const { PUBLIC_URL = "http://localhost:3000", RESET_SECRET, SMTP_URL } = process.env;
    const connection = typeorm(this.source);
    await migrate(connection); // creates resetkit's tables

    const reset = passwordReset({
      users: sqlUsers(connection, {
        table: "users",
        identifier: "email",
        passwordHash: "password_hash",
        hashPassword: (password) => hash(password),
        sessions: { table: "sessions", userId: "user_id" },
      }),
      store: sqlStore(connection),
      secret: RESET_SECRET!,
      url: `${PUBLIC_URL}/reset-password/{token}`,
      throttles: "fair",
      deliver: SMTP_URL
        ? byEmail({ transport: createTransport(SMTP_URL), from: "Example <no-reply@example.com>" })
        : toConsole(),
    });
    return { reset, path: "api/password_reset", trustProxy: 1 };
  }
}
