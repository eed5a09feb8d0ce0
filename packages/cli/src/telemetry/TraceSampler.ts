import { Option, Result, Tracer } from "effect"
import type { Environment } from "./OtlpVariables.ts"

/** Decides which traces are exported. */
export interface Sampler {
  /** The share of traces, from 0 to 1. */
  readonly ratio: number
  /** True where a trace that began in another process is exported if that process exports it. */
  readonly followsParent: boolean
}

/** The samplers of OpenTelemetry, by name; those without a ratio take it from the argument. */
const samplers: Readonly<Record<string, Omit<Sampler, "ratio"> & { readonly ratio?: number }>> = {
  always_on: { ratio: 1, followsParent: false },
  always_off: { ratio: 0, followsParent: false },
  traceidratio: { followsParent: false },
  parentbased_always_on: { ratio: 1, followsParent: true },
  parentbased_always_off: { ratio: 0, followsParent: true },
  parentbased_traceidratio: { followsParent: true },
}

const names = { sampler: "OTEL_TRACES_SAMPLER", argument: "OTEL_TRACES_SAMPLER_ARG" } as const

/** The sampler that the variables name, or a refusal in words. */
export const read = (variables: Environment): Result.Result<Sampler, string> => {
  const name = variables[names.sampler] ?? "parentbased_always_on"
  const found = Object.hasOwn(samplers, name) ? samplers[name] : undefined
  if (found === undefined) {
    const known = Object.keys(samplers).join(", ")
    return Result.fail(`${names.sampler}: expected one of ${known}, not ${JSON.stringify(name)}`)
  }
  const argument = variables[names.argument] ?? "1"
  const ratio = found.ratio ?? Number(argument)
  return ratio >= 0 && ratio <= 1
    ? Result.succeed({ ratio, followsParent: found.followsParent })
    : Result.fail(
        `${names.argument}: expected a number from 0 to 1, not ${JSON.stringify(argument)}`,
      )
}

/** The place of a trace among all, from 0 to 1, which is the same in every process. */
const placeOf = (traceId: string): number => Number.parseInt(traceId.slice(-13), 16) / 16 ** 13

/** A tracer that exports the traces of a sampler, each as a whole. */
export const sampled = (
  tracer: Tracer.Tracer,
  { ratio, followsParent }: Sampler,
  random: () => number = Math.random,
): Tracer.Tracer =>
  Tracer.make({
    ...tracer,
    span: (options) => {
      const parent = Option.getOrUndefined(options.parent)
      if (parent?._tag === "Span" || (parent !== undefined && followsParent)) {
        return tracer.span(options)
      }
      const place = parent === undefined ? random() : placeOf(parent.traceId)
      return tracer.span({ ...options, sampled: place < ratio })
    },
  })
