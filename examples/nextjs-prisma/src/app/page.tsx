import { redirect } from "next/navigation";
import { Suspense } from "react";
import { currentUser } from "@/lib/sessions";

export default function Home() {
  return (
    <Suspense>
      <Account />
    </Suspense>
  );
}

async function Account() {
  const user = await currentUser();
  if (!user) redirect("/login");
  return <h1>Signed in as {user.email}</h1>;
}
