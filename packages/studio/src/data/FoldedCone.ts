import { Data, Effect, Stream } from "effect"
import { type AsyncResult, Atom } from "effect/reactivity"
import * as ConeForms from "@onymous/api/page/ConeForms"
import type { Recorded } from "@onymous/identity/event/Event"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import type { Policy } from "@onymous/identity/policy/Policy"
import * as History from "@onymous/timetravel/history/History"
import { ask, project, type Refused } from "../asking/Asking.ts"
import * as LatePattern from "../patterns/LatePattern.ts"
import { followed } from "./Head.ts"

/** More events name some ids than are folded in a page. */
export class TooMuch extends Data.TaggedError("TooMuch")<{ readonly events: number }> {}

/** All that the log says of an id, and of those that events have named together with it. */
interface Said {
  readonly ids: ReadonlySet<string>
  readonly log: ReadonlyArray<Recorded>
  readonly startPolicy: Policy
}

/** True for lines with a policy that has patterns: to read them takes their engine. */
const hasPatterns = (facts: string | undefined): boolean =>
  facts !== undefined && /own_illegal_patterns|internal_users/.test(facts)

const saidOf = Atom.family((id: string) =>
  Atom.keepAlive(
    Atom.make((get) => {
      get(followed)
      return ask(get, ({ timeline }, asked) =>
        Effect.flatMap(timeline.cone({ ...asked, query: { distinct_id: id } }), (lines) =>
          Stream.runCollect(lines),
        ),
      ).pipe(
        Effect.tap((lines) =>
          lines.some((line) => "facts" in line && hasPatterns(line.facts))
            ? Effect.promise(LatePattern.load)
            : Effect.void,
        ),
        Effect.flatMap((lines): Effect.Effect<Said, TooMuch> => {
          const { head, log } = ConeForms.read(lines)
          return head.is_whole
            ? Effect.succeed({ ids: new Set(head.ids), log, startPolicy: head.start_policy })
            : Effect.fail(new TooMuch({ events: head.events }))
        }),
      )
    }),
  ),
)

/** Two logs as one: where time passed in one, and something happened in the other, that holds. */
const union = (a: ReadonlyArray<Recorded>, b: ReadonlyArray<Recorded>): ReadonlyArray<Recorded> => {
  const events = new Map<number, Recorded>()
  for (const recorded of [...a, ...b]) {
    const known = events.get(recorded.position)
    if (known === undefined || known.event._tag === "Ticked")
      events.set(recorded.position, recorded)
  }
  return [...events.values()].toSorted((one, other) => one.position - other.position)
}

const folded = Atom.family((names: string) =>
  Atom.keepAlive(
    Atom.make((get) => {
      const [first = "", ...others]: ReadonlyArray<string> = JSON.parse(names)
      const name = ProjectId(get(project))
      return Effect.gen(function* () {
        const own = yield* get.result(saidOf(first))
        let { log } = own
        for (const id of others) {
          if (!own.ids.has(id)) log = union(log, (yield* get.result(saidOf(id))).log)
        }
        return yield* History.build(name, log, own.startPolicy)
      })
    }),
  ),
)

/** What was ever said of some ids, folded in the page: to step in it asks nobody. */
export const coneOf = (
  ids: ReadonlyArray<string>,
): Atom.Atom<AsyncResult.AsyncResult<History.History, Refused | TooMuch>> =>
  folded(JSON.stringify(ids))
