import { Controller, HttpCode, NotFoundException, Param, ParseIntPipe, Post } from "@nestjs/common";
import { InjectDataSource } from "@nestjs/typeorm";
import type { PasswordReset } from "resetkit";
import { InjectPasswordReset } from "resetkit/adapters/nestjs";
import type { DataSource } from "typeorm";
import { User } from "./users/user.entity.js";

/** Support starts a reset for a user. Your guards run before this. */
@Controller("support")
export class SupportController {
  constructor(
    @InjectPasswordReset() private readonly reset: PasswordReset<User>,
    @InjectDataSource() private readonly source: DataSource,
  ) {}

  @Post("users/:id/reset")
  @HttpCode(204)
  async send(@Param("id", ParseIntPipe) id: number): Promise<void> {
    const user = await this.source.getRepository(User).findOneBy({ id });
    if (!user) throw new NotFoundException();
    await this.reset.issueFor(user);
  }
}
