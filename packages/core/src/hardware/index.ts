export { cgroupCores, type Machine, readMachine } from "./machine.ts";
export { threadsFor } from "./threads.ts";
