import { Result } from "effect"
import * as Presets from "@onymous/identity/policy/Presets"
import { Replay, type ReplayedFile } from "@onymous/timetravel/replay/Replay"
import * as Model from "./model/Model.ts"
import * as PlainJson from "./model/PlainJson.ts"
import type { Preset } from "./model/Rules.ts"

/** The differences at the end of the lines, one text each; empty where model and replay agree. */
export const differences = (
  preset: Preset,
  lines: ReadonlyArray<Model.Line>,
): ReadonlyArray<string> => {
  const replay = new Replay(Presets.presets[preset])
  for (const line of lines) {
    const refusal = add(replay, line)
    if (refusal !== undefined) return [refusal]
  }
  return between(Model.answer(preset, lines), replay.result())
}

/** The differences after the first line that leaves any. */
export const differencesAlong = (
  preset: Preset,
  lines: ReadonlyArray<Model.Line>,
): ReadonlyArray<string> => {
  const replay = new Replay(Presets.presets[preset])
  const answers = Model.answers(preset, lines)
  for (const [index, line] of lines.entries()) {
    const refusal = add(replay, line)
    if (refusal !== undefined) return [refusal]
    const answer = answers[index]
    const found = answer === undefined ? [] : between(answer, replay.result())
    if (found.length > 0) return found.map((text) => `after line ${index}: ${text}`)
  }
  return []
}

/** The reason for which a replay refuses a line; undefined where it takes the line. */
const add = (replay: Replay, line: Model.Line): string | undefined => {
  const added = replay.add(JSON.stringify(line))
  return Result.isFailure(added)
    ? `line ${added.failure.line - 1}: replay refuses it: ${added.failure.reason}`
    : undefined
}

const between = (answer: Model.Answer, replayed: ReplayedFile): ReadonlyArray<string> => [
  ...unlike("person", answer.persons, replayed.persons),
  ...unlike("event", answer.events, replayed.events),
  ...unlike("warning", answer.warnings, replayed.warnings.map(asWarning(answer))),
]

/**
 * The fewest lines that still differ: dropping any one of them would make model and replay agree.
 */
export const shrink = (
  lines: ReadonlyArray<Model.Line>,
  differs: (lines: ReadonlyArray<Model.Line>) => boolean,
): ReadonlyArray<Model.Line> => {
  let kept = lines
  for (let size = Math.ceil(lines.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < kept.length;) {
      const fewer = kept.toSpliced(from, size)
      if (differs(fewer)) {
        kept = fewer
        // Without the dropped lines, earlier ones may be droppable too.
        from = 0
      } else from += size
    }
  }
  return kept
}

/** The details of a warning that the model has, too. */
const asWarning =
  (answer: Model.Answer) => (warning: ReplayedFile["warnings"][number], index: number) => {
    const keys = Object.keys(answer.warnings[index]?.details ?? {})
    const details = Object.entries(warning.details).filter(([key]) => keys.includes(key))
    return { ...warning, details: Object.fromEntries(details) }
  }

/** Compares item by item, in the fields that the model has. */
const unlike = (
  what: string,
  expected: ReadonlyArray<object>,
  actual: ReadonlyArray<object>,
): ReadonlyArray<string> =>
  Array.from({ length: Math.max(expected.length, actual.length) }, (_, index) => {
    const [model, replay] = [expected[index], actual[index]]
    if (model === undefined) return [`${what} ${index}: only replay has ${JSON.stringify(replay)}`]
    if (replay === undefined)
      return [`${what} ${index}: only the model has ${JSON.stringify(model)}`]
    const other = new Map(Object.entries(replay))
    return Object.entries(model)
      .filter(([field, value]) => !PlainJson.isSame(value, other.get(field)))
      .map(([field, value]) => {
        const [said, answered] = [JSON.stringify(value), JSON.stringify(other.get(field))]
        return `${what} ${index} ${field}: the model has ${said}, replay ${answered}`
      })
  }).flat()
