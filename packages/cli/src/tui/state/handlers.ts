/** The members of a union of events that have one of the types `Type`. */
export type EventOf<Event extends { type: string }, Type extends Event["type"]> = {
  [Each in Type]: Extract<Event, { type: Each }> & { type: Each };
}[Type];

/** What each event does to a state: a forgotten event is a type error. */
export type Handlers<State, Event extends { type: string }> = {
  readonly [Type in Event["type"]]: (state: State, event: EventOf<Event, Type>) => State;
};
