import { Result } from "effect"
import { Position } from "@onymous/identity/event/Position"
import * as EventLine from "@onymous/log/file/EventLine"
import { Replay } from "@onymous/timetravel/replay/Replay"
import type { Preset } from "./model/Rules.ts"
import * as RandomBodies from "./random/RandomBodies.ts"
import * as RandomEvents from "./chance/RandomEvents.ts"

/** The lines of a random file; many are no events, and are refused. */
const linesOf = (preset: Preset, seed: number, length: number): ReadonlyArray<string> => {
  const next = RandomEvents.random(seed)
  const events = Array.from({ length }, () => RandomBodies.event(next))
  return [JSON.stringify({ policy: { preset } }), ...events]
}

/** What is not kept as it came when a file of random events is exported again; none: all of it is. */
export const differences = (
  preset: Preset,
  seed: number,
  length: number,
): ReadonlyArray<string> => {
  const [given, exported] = [new Replay(), new Replay()]
  let position = 0
  for (const [number, text] of linesOf(preset, seed, length).entries()) {
    const read = EventLine.decodeLine(text, number)
    if (Result.isFailure(read) || read.success._tag === "Blank") {
      // A blank line counts, as the refused one does: an event without a uuid gets one by its number.
      for (const replay of [given, exported]) replay.add("")
      continue
    }
    const { incoming, project } = read.success
    position += 1
    const recorded = { ...incoming, position: Position(position) }
    const line = EventLine.encodeLine(recorded, project)
    const again = Result.map(EventLine.decodeLine(line, number), (each) =>
      each._tag === "Blank" ? "" : JSON.stringify(each.incoming),
    )
    const wanted = JSON.stringify(incoming)
    if (Result.getOrUndefined(again) !== wanted) {
      return [
        `line ${number} is not kept: ${text}`,
        `it is read as ${wanted}`,
        `and exported as ${line}`,
      ]
    }
    given.add(text)
    exported.add(line)
  }
  const [hash, kept] = [given, exported].map((replay) => replay.result().state_hash)
  return hash === kept ? [] : [`its export comes to ${kept ?? ""}, not to ${hash ?? ""}`]
}
