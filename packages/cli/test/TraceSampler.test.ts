import { Context, Effect, Result, Tracer } from "effect"
import { describe, expect, it } from "vitest"
import * as TraceSampler from "../src/telemetry/TraceSampler.ts"

describe("a sampler", () => {
  it.each([
    [undefined, undefined, { ratio: 1, followsParent: true }],
    ["always_off", undefined, { ratio: 0, followsParent: false }],
    ["parentbased_always_off", undefined, { ratio: 0, followsParent: true }],
    ["traceidratio", "0.25", { ratio: 0.25, followsParent: false }],
    ["parentbased_traceidratio", "0.1", { ratio: 0.1, followsParent: true }],
    ["parentbased_traceidratio", undefined, { ratio: 1, followsParent: true }],
  ])("%s with %s", (sampler, argument, expected) => {
    const variables = {
      ...(sampler !== undefined && { OTEL_TRACES_SAMPLER: sampler }),
      ...(argument !== undefined && { OTEL_TRACES_SAMPLER_ARG: argument }),
    }
    expect(Result.getOrThrow(TraceSampler.read(variables))).toEqual(expected)
  })

  it("that is not known, or a ratio that is none, is refused by its name", () => {
    const refusalOf = (variables: Readonly<Record<string, string>>) =>
      Result.getOrThrow(Result.flip(TraceSampler.read(variables)))
    expect(refusalOf({ OTEL_TRACES_SAMPLER: "jaeger_remote" })).toMatch(
      /^OTEL_TRACES_SAMPLER: expected one of always_on, .*, not "jaeger_remote"$/,
    )
    for (const ratio of ["2", "-1", "half"]) {
      const variables = { OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: ratio }
      expect(refusalOf(variables)).toBe(
        `OTEL_TRACES_SAMPLER_ARG: expected a number from 0 to 1, not "${ratio}"`,
      )
    }
  })
})

/** For each span of a trace, whether it is sampled; `elsewhere` is the parent of a trace that began elsewhere. */
const sentOf = (sampler: TraceSampler.Sampler, drawn: number, elsewhere?: Tracer.ExternalSpan) => {
  const spans: Array<Tracer.NativeSpan> = []
  const keeping = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    },
  })
  const work = Effect.withSpan(Effect.void, "inner").pipe(
    Effect.withSpan("outer", elsewhere === undefined ? {} : { parent: elsewhere }),
    Effect.withTracer(TraceSampler.sampled(keeping, sampler, () => drawn)),
  )
  Effect.runSync(work)
  return spans.map(({ sampled }) => sampled)
}

describe("a trace", () => {
  const half = { ratio: 0.5, followsParent: true }

  it("that begins here is sent as a whole, or not at all", () => {
    expect(sentOf(half, 0.49)).toEqual([true, true])
    expect(sentOf(half, 0.5)).toEqual([false, false])
  })

  it("that began elsewhere is sent where it is sent there, or by its id", () => {
    const from = (sampled: boolean, traceId: string) =>
      Tracer.externalSpan({ spanId: "1", traceId, sampled, annotations: Context.empty() })
    const [low, high] = ["0".repeat(32), "f".repeat(32)]
    expect(sentOf(half, 0.9, from(true, high))).toEqual([true, true])
    expect(sentOf(half, 0.1, from(false, low))).toEqual([false, false])
    const byId = { ratio: 0.5, followsParent: false }
    expect(sentOf(byId, 0.9, from(false, low))).toEqual([true, true])
    expect(sentOf(byId, 0.1, from(true, high))).toEqual([false, false])
  })
})
