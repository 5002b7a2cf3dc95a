import { resetHandler } from "resetkit/adapters/nextjs";
import { options, passwordResets } from "@/lib/password-reset";

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = resetHandler(passwordResets, options);
