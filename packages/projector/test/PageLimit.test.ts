import { expect, it } from "@effect/vitest"
import { Array as Arr, Effect } from "effect"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { simpleEvents } from "@onymous/simulator/random/FewIds"
import * as CatchUp from "../src/CatchUp.ts"
import { claim, pageSize } from "../src/page/ProjectPage.ts"
import { inMemory } from "./personsLayers.ts"

const project = ProjectId("short lives")

/** Follows the log for one page, like a process that is killed after it. */
const life = (limit: CatchUp.PageLimit) =>
  Effect.gen(function* () {
    const { checkpoint } = yield* CatchUp.follow(
      yield* CatchUp.make,
      yield* claim(project),
      1,
      limit,
    )
    return checkpoint.position
  })

it.effect(
  "a process begins with small pages, so that even a short life keeps what it derived",
  () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* log.createProject({ id: project, token: project, keyHash: "" })
      const events = simpleEvents(1, 9000)
      if (Arr.isReadonlyArrayNonEmpty(events)) yield* log.append(project, events)
      expect(yield* life(new CatchUp.PageLimit())).toBe(125)
      expect(yield* life(new CatchUp.PageLimit())).toBe(250)
      const limit = new CatchUp.PageLimit()
      const ends = [yield* life(limit), yield* life(limit), yield* life(limit), yield* life(limit)]
      expect(ends).toEqual([375, 625, 1125, 2125])
      yield* life(limit)
      expect(limit.most).toBe(pageSize)
    }).pipe(Effect.provide(inMemory)),
)
