import { Console, Effect, Schedule } from "effect"
import type { Position } from "@onymous/identity/event/Position"
import type { ProjectId } from "@onymous/identity/event/ProjectId"
import { EventLog } from "@onymous/log/EventLog"
import { Editions } from "@onymous/persons/Editions"
import { Persons } from "@onymous/persons/Persons"
import { advance, bar, events, type Pace, start } from "../../output/ProgressBar.ts"

/** Progress is shown from this many events on, because fewer are derived at once. */
const behindMin = 5_000

/**
 * How many looks a printed line takes where there is no terminal, and after how many a project that does not move is
 * given up.
 */
const looksPerLine = 10
const looksMax = 60

const looks = Schedule.spaced("1 second")

/** The derived position of a project: that of the live edition, or of the one in the making. */
const derivedTo = Effect.fnUntraced(function* (project: ProjectId) {
  const live = yield* (yield* Persons).checkpoint(project)
  const made = yield* (yield* Editions).making(project)
  return Math.max(live?.position ?? 0, made?.checkpoint.position ?? 0)
})

/** Shows the progress of one project, until its persons are at the head of the start. */
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
 * Shows the progress of a derivation at the start, as after an upgrade, while the server takes events already: by a bar
 * on a terminal, else by a line each ten seconds.
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
  // Failures are ignored, because the projector reports them.
}).pipe(Effect.ignore({ log: "Debug" }))
