import { describe, it } from "vitest";
import { memoryStore } from "resetkit/stores/memory";
import { combinationSuite } from "resetkit/testing";

const options = { sizes: [10], lock: false };
combinationSuite({ describe, it }, "the memory store", () => ({ store: memoryStore() }), options);
