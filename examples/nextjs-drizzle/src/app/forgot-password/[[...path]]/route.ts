import { pages } from "@/lib/password-reset";

const answer = (request: Request) => pages()(request);

export { answer as GET, answer as HEAD, answer as POST };
