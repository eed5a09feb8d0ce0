import { Effect } from "effect"
import { AsyncResult, Atom } from "effect/reactivity"
import type { Changes } from "@onymous/api/page/TimelineForms"
import type { LogEntry } from "@onymous/api/forms/LogForms"
import { ask } from "../asking/Asking.ts"
import { followed, head, playhead } from "./Head.ts"

/** The playhead, once it is known where the log ends: no question is about what has not come yet. */
const known = Atom.keepAlive(
  Atom.make((get) => (get(head) === undefined ? undefined : get(playhead))),
)

const slowed = Atom.keepAlive(Atom.debounce(known, "150 millis"))

/** Where the playhead rests: lists that need the server follow 150 ms after the last step. */
export const settled = Atom.keepAlive(Atom.make((get) => get(slowed) ?? get(known)))

const before = 5
const after = 4

/** More changes than so many positions have. */
const changesMax = 60

/** What became true at a position. */
export type Kind = (typeof Changes.Type)["results"][number]["kind"]

/** An event around the playhead, and what it changed. */
export interface Near {
  readonly entry: LogEntry
  readonly kinds: ReadonlySet<Kind>
}

/** What happened around the playhead, oldest first. */
export const around = Atom.keepAlive(
  Atom.make((get) => {
    const at = get(settled)
    get(followed)
    if (at === undefined) return Effect.never
    const from = Math.max(0, at - before)
    const entries = ask(get, ({ log }, asked) =>
      log.page({ ...asked, query: { after: from, limit: before + after } }),
    )
    const changes = ask(get, ({ timeline }, asked) =>
      timeline.changes({ ...asked, query: { after: from, limit: changesMax } }),
    )
    return Effect.map(Effect.all([entries, changes], { concurrency: 2 }), ([page, changed]) =>
      page.results.map((entry): Near => {
        const own = changed.results.filter(({ position }) => position === entry.position)
        return { entry, kinds: new Set(own.map(({ kind }) => kind)) }
      }),
    )
  }),
)

/** The time of the event at the playhead, once it is known. */
export const timeHere = Atom.keepAlive(
  Atom.make((get): number | undefined => {
    const [found, at] = [AsyncResult.value(get(around)), get(playhead)]
    const near = found._tag === "None" ? [] : found.value
    const here = near.find(({ entry }) => entry.position === at)
    return here && Date.parse(here.entry.received_at)
  }),
)
