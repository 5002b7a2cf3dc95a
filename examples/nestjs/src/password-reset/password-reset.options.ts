import { Injectable } from "@nestjs/common";
import { InjectDataSource } from "@nestjs/typeorm";
import nodemailer from "nodemailer";
import { passwordReset } from "resetkit";
import type { PasswordResetModuleOptions, PasswordResetOptionsFactory } from "resetkit/adapters/nestjs";
import { typeorm } from "resetkit/connections/typeorm";
import { byEmail } from "resetkit/delivery/email";
import { migrate, sqlStore } from "resetkit/stores/sql";
import type { DataSource } from "typeorm";
import type { User } from "../users/user.entity.js";
import { accounts } from "./accounts.js";

@Injectable()
export class PasswordResetOptions implements PasswordResetOptionsFactory {
  constructor(@InjectDataSource() private readonly source: DataSource) {}

  async createPasswordResetOptions(): Promise<PasswordResetModuleOptions> {
    const connection = typeorm(this.source);
    await migrate(connection); // adds the tables of resetkit

    const reset = passwordReset<User>({
      users: accounts(this.source),
      secret: process.env.RESET_SECRET!, // at least 32 random bytes
      store: sqlStore(connection),
      url: `${process.env.PUBLIC_URL}/reset-password/{token}`,
      throttles: "fair",
      deliver: byEmail({
        transport: nodemailer.createTransport(process.env.SMTP_URL),
        from: "Example <no-reply@example.com>",
      }),
    });
    return { reset, path: "password_reset" };
  }
}
