/**
 * The suites that say, as tests, what a port promises. They run under any test runner, and on Node.
 *
 * @module
 */
export type { TestRunner } from "./runner.js";
export { storeSuite, storeCases } from "./store/suite.js";
export type { StoreCase, StorePart, StoreSuiteOptions } from "./store/suite.js";
export { connectionCases, connectionSuite } from "./connection/suite.js";
export type { ConnectionCase, ConnectionSubject, ConnectionSuiteOptions } from "./connection/suite.js";
export { queueSuite } from "./queue/suite.js";
export { queueCases } from "./queue/cases.js";
export type { QueueCase, QueuePart, QueueSubject, QueueSuiteOptions, Timeline } from "./queue/suite.js";
export { handlerSuite, handlerCases, runHandlerCase } from "./handler/suite.js";
export type {
  HandlerCase,
  HandlerPart,
  HandlerSettings,
  Mounting,
  ParserSetup,
  Scene,
  Serve,
  Start,
} from "./handler/suite.js";
export { strategySuite, strategyCases, runStrategyCase } from "./strategy/suite.js";
export type { StrategyCase, StrategyPart, StrategySubject, StrategySuiteOptions } from "./strategy/suite.js";
export { usersSuite } from "./users/suite.js";
export type { UsersSuiteOptions } from "./users/suite.js";
export { usersCases } from "./users/cases.js";
export type { UsersCase, UsersPart, UsersSubject } from "./users/case.js";
export { combinationCases, combinationSuite } from "./combination/suite.js";
export type { CombinationCase, CombinationSubject, CombinationSuiteOptions } from "./combination/suite.js";
