/**
 * Compares `Replay` with the model on random files of events, until they differ or all are done.
 * `npm run simulate -- [--logs 100000] [--length 30] [--seed 1] [--preset page|posthog] [--bodies N]`
 */

import { parseArgs } from "node:util"
import * as Agreement from "./Agreement.ts"
import * as KeptEvents from "./KeptEvents.ts"
import * as RandomLines from "./random/RandomLines.ts"
import type { Preset } from "./model/Rules.ts"

interface Plan {
  readonly presets: ReadonlyArray<Preset>
  readonly logs: number
  readonly length: number
  readonly seed: number
  /** How many files of events of any kind are tried instead of logs; 0 for none. */
  readonly bodies: number
}

const usage =
  "npm run simulate -- [--logs N] [--length N] [--seed N] [--preset page|posthog] [--bodies N]"

const say = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

const read = (): Plan | undefined => {
  const text = { type: "string" } as const
  const options = { logs: text, length: text, seed: text, preset: text, bodies: text }
  try {
    const { values } = parseArgs({ options })
    const presets = (["page", "posthog"] as const).filter(
      (preset) => values.preset === undefined || values.preset === preset,
    )
    const logs = Number(values.logs ?? 100_000)
    const length = Number(values.length ?? 30)
    const seed = Number(values.seed ?? 1)
    const bodies = Number(values.bodies ?? 0)
    const isWhole = [logs, length, seed, bodies].every(Number.isSafeInteger)
    const isRight = isWhole && presets.length > 0 && logs >= 1 && length >= 1 && bodies >= 0
    return isRight ? { presets, logs, length, seed, bodies } : undefined
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

/** True if all files of random events are kept as they came under a preset. */
const keep = (preset: Preset, { bodies, length, seed }: Plan): boolean => {
  for (let done = 0; done < bodies; done++) {
    const found = KeptEvents.differences(preset, seed + done, length)
    if (found.length === 0) continue
    say(
      `${preset}: seed ${seed + done} is not kept; again: --preset ${preset} --seed ${seed + done} --bodies 1`,
    )
    for (const difference of found) say(difference)
    return false
  }
  say(`${preset}: ${bodies} files are kept as they came`)
  return true
}

const plan = read()
if (plan === undefined) {
  say(`usage: ${usage}`)
  process.exitCode = 2
} else {
  const holds = plan.bodies > 0 ? keep : agree
  if (!plan.presets.every((preset) => holds(preset, plan))) process.exitCode = 1
}
