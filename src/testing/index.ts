/**
 * Helpers for an application's tests, and conformance suites for the ports. They work with any test runner, on Node.
 *
 * @module
 */
export type { TestRunner } from "./runner.js";
export { storeSuite, storeCases } from "./store/suite.js";
export type { StoreCase, StorePart } from "./store/case.js";
export type { StoreSuiteOptions } from "./store/suite.js";
export { connectionCases, connectionSuite } from "./connection/suite.js";
export type { ConnectionCase, ConnectionSubject, ConnectionSuiteOptions } from "./connection/suite.js";
export { queueSuite } from "./queue/suite.js";
export { queueCases } from "./queue/cases.js";
export type { QueueCase, QueuePart, Timeline } from "./queue/case.js";
export type { QueueSubject, QueueSuiteOptions } from "./queue/suite.js";
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
} from "./handler/case.js";
export { strategySuite, strategyCases, runStrategyCase } from "./strategy/suite.js";
export type { StrategyCase, StrategyPart } from "./strategy/case.js";
export type { StrategySubject } from "./strategy/samples.js";
export type { StrategySuiteOptions } from "./strategy/suite.js";
export { throttleSuite } from "./throttle/suite.js";
export type { ThrottleSubject, ThrottleSuiteOptions } from "./throttle/suite.js";
export { throttleCases } from "./throttle/cases.js";
export type { ThrottleCase, ThrottleLimit } from "./throttle/cases.js";
export { usersSuite } from "./users/suite.js";
export type { UsersSuiteOptions } from "./users/suite.js";
export { usersCases } from "./users/cases.js";
export type { UsersCase, UsersPart, UsersSubject } from "./users/case.js";
export { combinationCases, combinationSuite } from "./combination/suite.js";
export type { CombinationCase, CombinationSubject, CombinationSuiteOptions } from "./combination/suite.js";
export { outbox } from "./outbox.js";
export type { Outbox } from "./outbox.js";
export { fakeClock } from "./fake-clock.js";
export type { FakeClock } from "./fake-clock.js";
