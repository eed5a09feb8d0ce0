/** The log keeps each accepted body as it came: an export, replayed or imported, is the same again. */

import { expect, it } from "@effect/vitest"
import { Array as Arr, Effect, type Layer, Result } from "effect"
import { Position, zero } from "@onymous/identity/event/Position"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { ensureProject } from "@onymous/log/EnsureProject"
import { EventLog, type RecordedPayload } from "@onymous/log/EventLog"
import * as EventLine from "@onymous/log/file/EventLine"
import * as WorkInTurns from "@onymous/persons/rows/WorkInTurns"
import { Projector } from "@onymous/projector/Projector"
import * as RandomBodies from "@onymous/simulator/random/RandomBodies"
import * as RandomEvents from "@onymous/simulator/chance/RandomEvents"
import * as Seeds from "@onymous/simulator/random/Seeds"
import { Replay } from "@onymous/timetravel/replay/Replay"
import * as CaptureBody from "../src/capture/CaptureBody.ts"
import * as WireEvent from "../src/capture/WireEvent.ts"

const presets = { page: "2022", posthog: "today" } as const

type Preset = keyof typeof presets

const token = "phc_x"

const bodiesPerLog = 8

const timeoutSeconds = 300

/** Sends a body to the door, and the accepted events to the log. */
const send = Effect.fnUntraced(function* (
  project: ProjectId,
  preset: Preset,
  body: Uint8Array,
  recordedAt: number,
) {
  const request = {
    body,
    query: new URLSearchParams(),
    contentType: "application/json",
    contentEncoding: "",
  }
  const batch = yield* Effect.promise(() => CaptureBody.decode(request))
  const read = Result.flatMap(batch, (each) =>
    WorkInTurns.atOnce(WireEvent.decodeAll(each, false, presets[preset])),
  )
  if (Result.isFailure(read)) {
    expect(read.failure.status).toBe(400)
    return 0
  }
  const events = read.success.map((incoming) => ({ ...incoming, recordedAt }))
  if (!Arr.isReadonlyArrayNonEmpty(events)) return 0
  return (yield* (yield* EventLog).append(project, events)).added
})

const append = Effect.fnUntraced(function* (project: ProjectId, lines: ReadonlyArray<string>) {
  const read = lines.map((line, index) => Result.getOrThrow(EventLine.decodeLine(line, index)))
  const events = read.flatMap((line) => (line._tag === "Blank" ? [] : [line.incoming]))
  if (!Arr.isReadonlyArrayNonEmpty(events)) return
  yield* (yield* EventLog).append(project, events)
})

const whole = Effect.fnUntraced(function* (project: ProjectId) {
  return yield* (yield* EventLog).readPayloads({ project, after: zero, limit: 10_000 })
})

/** Events as JSON, in which -0 is 0: our code does not tell them apart. */
const textsOf = (log: ReadonlyArray<RecordedPayload>) =>
  log.map((recorded) => JSON.stringify(recorded))

const holds = Effect.fnUntraced(function* (preset: Preset, seed: number) {
  const next = RandomEvents.random(seed)
  const project = ProjectId(`${preset} ${seed}`)
  yield* ensureProject(project)
  yield* append(project, [JSON.stringify({ policy: { preset }, project })])
  let time = RandomEvents.START
  for (let count = 0; count < bodiesPerLog; count++) {
    time += RandomEvents.below(next, 40_000)
    yield* send(project, preset, RandomBodies.body(next, token), time)
  }
  const log = yield* whole(project)
  const live = yield* (yield* Projector).waitFor(project, Position(log.length), timeoutSeconds)
  const replay = new Replay()
  for (const recorded of log) {
    Result.getOrThrow(replay.add(EventLine.encodeLine(recorded, project)))
  }
  expect(replay.result().state_hash, `seed ${seed}`).toBe(live.stateHash)
  const copy = ProjectId(`${preset} ${seed} again`)
  yield* ensureProject(copy)
  yield* append(
    copy,
    log.map((recorded) => EventLine.encodeLine(recorded, copy)),
  )
  expect(textsOf(yield* whole(copy)), `seed ${seed}`).toEqual(textsOf(log))
  return log.length
})

/** The law, on whatever log and read model. */
export const bodyLaw = <E>(
  layer: Layer.Layer<EventLog | Projector, E>,
  { runs, within }: { readonly runs: number; readonly within: number },
): void => {
  it.live.each(["page", "posthog"] as const)(
    "under the %s preset, a replay of the export has the live state, and an import the same log",
    (preset) =>
      Effect.gen(function* () {
        let events = 0
        const seeds = Seeds.seeds(runs)
        for (const seed of seeds) events += yield* holds(preset, seed)
        // A generator whose bodies are all refused would say nothing.
        expect(events).toBeGreaterThan(2 * seeds.length)
      }).pipe(Effect.provide(layer)),
    within,
  )
}
