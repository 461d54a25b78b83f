export { type Broker, type BrokerAccess, createBroker } from "./broker.ts";
