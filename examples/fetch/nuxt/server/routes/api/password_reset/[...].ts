import { fromNodeMiddleware } from "h3";
import { nodeListener } from "resetkit/adapters/node";
import { handler } from "../../../utils/password-reset";

// Not `handler(toWebRequest(event))`: that of h3 1 throws in the middle of the server where a body is cut off.
export default fromNodeMiddleware(nodeListener(handler));
