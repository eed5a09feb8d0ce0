import { describe, expect, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import type * as Policy from "@onymous/identity/policy/Policy"
import { EventLog } from "@onymous/log/EventLog"
import type { ReadModel } from "@onymous/persons/ReadModel"
import * as OperatorActions from "../src/OperatorActions.ts"

const [first, second] = [{ buffer_enabled: false }, { merge_dangerously: true }] as const

/** Asks several times at once for rules of a new project; gives the answers, and the changes in its log. */
const asked = Effect.fnUntraced(function* (
  name: string,
  asks: ReadonlyArray<readonly [change: Policy.PolicyChange, enforces: boolean]>,
) {
  const log = yield* EventLog
  const actions = yield* OperatorActions.OperatorActions
  const project = ProjectId(name)
  yield* log.createProject({ id: project, token: name, keyHash: "" })
  const ask = ([change, enforces]: (typeof asks)[number]) =>
    actions.ensurePolicy(project, change, enforces)
  const answers = yield* Effect.forEach(asks, ask, { concurrency: "unbounded" })
  const events = yield* log.read({ project, after: zero, limit: 10 })
  const changes = events.map(({ event }) => event._tag === "PolicyChanged" && event.change)
  return { answers, changes }
})

/** What holds of the rules that processes want of a project, wherever its log lies. */
export const suite = <E>(name: string, layer: Layer.Layer<EventLog | ReadModel, E>): void => {
  const services = OperatorActions.layer.pipe(Layer.provideMerge(layer))
  describe(`the rules that processes want of a project at once, on ${name}`, () => {
    it.live("are one event where they are the same, enforced or not", () =>
      Effect.gen(function* () {
        for (const enforces of [true, false]) {
          const four = Array.from({ length: 4 }, () => [first, enforces] as const)
          const { answers, changes } = yield* asked(`same, ${enforces}`, four)
          expect(answers).toEqual(["hold", "hold", "hold", "hold"])
          expect(changes).toEqual([first])
        }
      }).pipe(Effect.provide(services)),
    )

    it.live("are all there where all are enforced", () =>
      Effect.gen(function* () {
        const both = [[first, true] as const, [second, true] as const]
        const { answers, changes } = yield* asked("enforced", both)
        expect(answers).toEqual(["hold", "hold"])
        expect(changes).toHaveLength(2)
        expect(changes).toEqual(expect.arrayContaining([first, second]))
      }).pipe(Effect.provide(services)),
    )

    it.live("are those of one where nobody enforces them, and the others are told", () =>
      Effect.gen(function* () {
        const both = [[first, false] as const, [second, false] as const]
        const { answers, changes } = yield* asked("not enforced", both)
        expect(answers.toSorted()).toEqual(["hold", "others"])
        expect(changes).toEqual([answers[0] === "hold" ? first : second])
      }).pipe(Effect.provide(services)),
    )
  })
}
