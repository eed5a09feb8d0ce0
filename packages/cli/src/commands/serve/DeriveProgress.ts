import { Console, Effect, Schedule } from "effect"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Editions } from "@onymous/persons/Editions"
import { Persons } from "@onymous/persons/Persons"
import { advance, bar, events, type Pace, start } from "../../output/ProgressBar.ts"

/** Fewer events are derived before anybody could read how far it is. */
const behindMin = 5_000

/** Looks until a line is printed where nothing is drawn, and until a project that does not move is left. */
const looksPerLine = 10
const looksMax = 60

const looks = Schedule.spaced("1 second")

/** How far the persons of a project are: of the live edition, or of one that is made to replace it. */
const derivedTo = Effect.fnUntraced(function* (project: ProjectId) {
  const live = yield* (yield* Persons).checkpoint(project)
  const made = yield* (yield* Editions).making(project)
  return Math.max(live?.position ?? 0, made?.checkpoint.position ?? 0)
})

/** Tells how far one project is, until its persons are where the log was when this began. */
const follow = Effect.fnUntraced(function* (project: ProjectId, head: Position) {
  let pace: Pace | undefined
  let [looked, unmoved] = [0, 0]
  const look = Effect.gen(function* () {
    const done = yield* derivedTo(project)
    const now = performance.now()
    unmoved = pace?.done === done ? unmoved + 1 : 0
    pace = advance(pace ?? start(now, done), done, now)
    const line = `Project ${project}: ${bar(pace, head, now, { name: "deriving", unit: events })}`
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`)
    else if (looked % looksPerLine === 0) yield* Console.error(line)
    looked += 1
    if (done >= head) return "derived"
    return unmoved >= looksMax ? "stands still" : undefined
  })
  const outcome = yield* Effect.repeat(look, {
    until: (over) => over !== undefined,
    schedule: looks,
  })
  if (process.stderr.isTTY) process.stderr.write("\n")
  yield* Console.error(
    outcome === "derived"
      ? `Project ${project}: its persons are derived.`
      : `Project ${project}: its persons have not moved for ${looksMax} s.`,
  )
})

/**
 * Tells what a start has to derive, after an upgrade say, while events are taken already: a bar on a terminal,
 * else a line each ten seconds.
 */
export const deriveProgress = Effect.gen(function* () {
  const persons = yield* Persons
  for (const { project, position } of yield* (yield* EventLog).heads) {
    const derived = (yield* persons.checkpoint(project))?.position ?? 0
    if (position - derived < behindMin) continue
    yield* Console.error(
      `Project ${project}: deriving the persons of ${position - derived} events …`,
    )
    yield* follow(project, position)
  }
  // What cannot be looked at is told by those who need it.
}).pipe(Effect.ignore({ log: "Debug" }))
