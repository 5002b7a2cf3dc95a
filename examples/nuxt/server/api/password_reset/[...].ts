import { fromNodeMiddleware } from "h3";
import { nodeListener } from "resetkit/adapters/node";
import { handler } from "../../utils/password-reset";

// Not `handler(toWebRequest(event))`: in h3 1, that throws inside the server if a body is cut off.
export default fromNodeMiddleware(nodeListener(handler));
