import type { Editions } from "./Editions.ts"
import type { Persons } from "./Persons.ts"
import type { PersonStore } from "./PersonStore.ts"
import type { Timeline } from "./Timeline.ts"

/** The services of the read model: questions, the writes of a projector, and editions. */
export type ReadModel = Persons | PersonStore | Editions | Timeline
