"use server";
import { redirect } from "next/navigation";
import { signIn } from "@/lib/sessions";

export async function submit(_: string, form: FormData): Promise<string> {
  if (await signIn(String(form.get("email")), String(form.get("password")))) redirect("/");
  return "Incorrect email or password.";
}
