/**
 * Compares `Replay` with the model on random files of events, until they differ or all are done.
 * `npm run simulate -- [--logs 100000] [--length 30] [--seed 1] [--preset page|posthog]`
 */

import { parseArgs } from "node:util"
import * as Agreement from "./Agreement.ts"
import * as RandomLines from "./random/RandomLines.ts"
import type { Preset } from "./model/Rules.ts"

interface Plan {
  readonly presets: ReadonlyArray<Preset>
  readonly logs: number
  readonly length: number
  readonly seed: number
}

const usage = "npm run simulate -- [--logs N] [--length N] [--seed N] [--preset page|posthog]"

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

const read = (): Plan | undefined => {
  const text = { type: "string" } as const
  const options = { logs: text, length: text, seed: text, preset: text }
  try {
    const { values } = parseArgs({ options })
    const presets = (["page", "posthog"] as const).filter(
      (preset) => values.preset === undefined || values.preset === preset,
    )
    const logs = Number(values.logs ?? 100_000)
    const length = Number(values.length ?? 30)
    const seed = Number(values.seed ?? 1)
    const isRight = presets.length > 0 && [logs, length, seed].every(Number.isSafeInteger)
    return isRight && logs >= 1 && length >= 1 ? { presets, logs, length, seed } : undefined
  } catch {
    return undefined
  }
}

/** True if model and replay agree on all logs under a preset. */
const agree = (preset: Preset, { logs, length, seed }: Plan): boolean => {
  const begun = performance.now()
  let lastWord = begun
  const progress = (done: number) => {
    const rate = Math.round((done / Math.max(1, performance.now() - begun)) * 1000)
    say(`${preset}: ${done} of ${logs} logs agree, ${rate} a second`)
  }
  for (let done = 0; done < logs; done++) {
    const lines = RandomLines.make(seed + done, length)
    if (Agreement.differences(preset, lines).length > 0) {
      tell(preset, seed + done, length, lines)
      return false
    }
    if (performance.now() - lastWord < 5000) continue
    lastWord = performance.now()
    progress(done + 1)
  }
  progress(logs)
  return true
}

const tell = (
  preset: Preset,
  seed: number,
  length: number,
  lines: ReturnType<typeof RandomLines.make>,
): void => {
  say(
    `${preset}: seed ${seed} differs; again: --preset ${preset} --seed ${seed} --logs 1 --length ${length}`,
  )
  const fewest = Agreement.shrink(lines, (fewer) => Agreement.differences(preset, fewer).length > 0)
  for (const line of fewest) process.stdout.write(`${JSON.stringify(line)}\n`)
  for (const difference of Agreement.differences(preset, fewest)) say(difference)
}

const plan = read()
if (plan === undefined) {
  say(`usage: ${usage}`)
  process.exitCode = 2
} else if (!plan.presets.every((preset) => agree(preset, plan))) process.exitCode = 1
