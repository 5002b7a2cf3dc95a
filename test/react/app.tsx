/** An application of the registry's forms, as a project that has added them would write it. */
import { StrictMode, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import { createClient } from "resetkit/client";
import { useLinkToken, type LinkOrCode } from "resetkit/react";
import { ChoosePasswordForm } from "../../registry/password-reset/choose-password-form";
import { CodeForm } from "../../registry/password-reset/code-form";
import { ForgotPasswordForm } from "../../registry/password-reset/forgot-password-form";

function App() {
  const client = useMemo(() => createClient({ baseUrl: "/api/password_reset" }), []);
  const isLink = window.location.pathname.startsWith("/reset-password");
  const token = useLinkToken("/reset-password");
  const [identifier, setIdentifier] = useState<string>();
  const [code, setCode] = useState<LinkOrCode>();
  const given = code ?? token;
  const urls = { signInUrl: "/login", requestUrl: "/forgot-password" };
  if (given) return <ChoosePasswordForm client={client} token={given} {...urls} />;
  if (isLink) return null;
  if (identifier === undefined)
    return <ForgotPasswordForm client={client} {...urls} onEnterCode={setIdentifier} />;
  return (
    <CodeForm
      client={client}
      identifier={identifier}
      onAccepted={setCode}
      onAgain={() => setIdentifier(undefined)}
    />
  );
}

createRoot(document.querySelector("main")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
