import { handler } from "../lib/password-reset.server";

const answer = ({ request }: { request: Request }) => handler(request);

export { answer as action, answer as loader };
