import { Body, Controller, Get, Header, Inject, Post, Req, Res } from "@nestjs/common";
import type { Request, Response } from "express";
import { Sessions } from "./sessions.js";
import { accountPage, signInPage } from "./views.js";

@Controller()
export class AccountsController {
  constructor(@Inject(Sessions) private readonly sessions: Sessions) {}

  @Get()
  async account(@Req() request: Request, @Res() response: Response): Promise<void> {
    const user = await this.sessions.userOf(request.cookies.session);
    if (user) response.type("html").send(accountPage(user.email));
    else response.redirect(303, "/login");
  }

  @Get("login")
  @Header("Content-Type", "text/html; charset=utf-8")
  form(): string {
    return signInPage();
  }

  @Post("login")
  async signIn(
    @Body() body: { email?: unknown; password?: unknown },
    @Res() response: Response,
  ): Promise<void> {
    const cookie = await this.sessions.start(String(body?.email), String(body?.password));
    if (!cookie)
      return void response.status(401).type("html").send(signInPage("Incorrect email or password."));
    response.cookie("session", cookie, { httpOnly: true, sameSite: "lax", secure: true });
    response.redirect(303, "/");
  }
}
