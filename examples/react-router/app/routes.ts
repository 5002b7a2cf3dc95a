import { index, route, type RouteConfig } from "@react-router/dev/routes";

const routes: RouteConfig = [
  index("routes/account.tsx"),
  route("login", "routes/sign-in.tsx"),
  route("forgot-password", "routes/forgot-password.tsx"),
  route("reset-password/:token?", "routes/reset-password.tsx"),
  route("api/password_reset/*", "routes/password-reset-api.ts"),
];
export default routes;
