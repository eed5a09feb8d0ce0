import type { Editions } from "./Editions.ts"
import type { Persons } from "./Persons.ts"
import type { PersonStore } from "./PersonStore.ts"
import type { Timeline } from "./Timeline.ts"

/** What is derived of all projects: asked, moved page by page, and derived again. */
export type ReadModel = Persons | PersonStore | Editions | Timeline
