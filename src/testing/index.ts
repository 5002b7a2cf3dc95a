/**
 * The suites that say, as tests, what a port promises. They run under any test runner, and on Node.
 *
 * @module
 */
export { storeSuite, storeCases } from "./store-suite.js";
export type { StoreCase, StorePart, StoreSuiteOptions, TestRunner } from "./store-suite.js";
export { connectionCases, connectionSuite } from "./connection-suite.js";
export type { ConnectionCase, ConnectionSubject, ConnectionSuiteOptions } from "./connection-suite.js";
export { queueSuite } from "./queue-suite.js";
export { queueCases } from "./store-queue.js";
export type { QueueCase, QueuePart, QueueSubject, QueueSuiteOptions, Timeline } from "./queue-suite.js";
export { handlerSuite, handlerCases, runHandlerCase } from "./handlers.js";
export type {
  HandlerCase,
  HandlerPart,
  HandlerSettings,
  Mounting,
  ParserSetup,
  Scene,
  Serve,
  Start,
} from "./handlers.js";
export { strategySuite, strategyCases, runStrategyCase } from "./strategies.js";
export type { StrategyCase, StrategyPart, StrategySubject, StrategySuiteOptions } from "./strategies.js";
export { usersSuite } from "./users/suite.js";
export type { UsersSuiteOptions } from "./users/suite.js";
export { usersCases } from "./users/cases.js";
export type { UsersCase, UsersPart, UsersSubject } from "./users/case.js";
export { combinationCases, combinationSuite } from "./combination/suite.js";
export type {
  CombinationCase,
  CombinationSubject,
  CombinationSuiteOptions,
} from "./combination/suite.js";
