import { describe, expect, it } from "@effect/vitest"
import * as MergeChecks from "../src/policy/MergeChecks.ts"
import type { Policy } from "../src/policy/Policy.ts"
import * as Presets from "../src/policy/Presets.ts"

/** An id with two refusals, of an identified person of five ids. */
const side = (personId: string): MergeChecks.Side => ({
  hasPerson: true,
  personId,
  isIdentified: true,
  size: 5,
  joined: undefined,
  refusals: 2,
})

const guards = [
  "guard_ids_per_person",
  "guard_new_ids_per_hour",
  "guard_refusals_per_id",
  "guard_identified_parts",
] as const

const guarded = (mode: "observe" | "enforce"): Policy => ({
  ...Presets.page,
  ...Object.fromEntries(guards.map((name) => [name, mode])),
  guard_ids_per_person_max: 4,
  guard_new_ids_per_hour_max: 4,
  guard_refusals_per_id_max: 2,
})

/** A merge that every check stops. */
const worst: MergeChecks.MergeRequest = {
  policy: guarded("enforce"),
  target: "null",
  source: "null",
  ofTarget: side("p"),
  ofSource: side("p"),
  isForced: false,
  recordedAt: 0,
}

/** Changes that let a merge pass one check and leave it to the next, in the order of SPEC §2 and §6. */
const cures: ReadonlyArray<
  readonly [string, (request: MergeChecks.MergeRequest) => Partial<MergeChecks.MergeRequest>]
> = [
  ["same_id", () => ({ source: "0" })],
  ["illegal_target", () => ({ target: "ann" })],
  ["illegal_source", () => ({ source: "dev" })],
  ["same_person", () => ({ ofSource: side("q") })],
  ["identified_source", () => ({ isForced: true })],
  ...guards.map(
    (name) =>
      [
        name,
        ({ policy }: MergeChecks.MergeRequest) => ({
          policy: { ...policy, [name]: "off" as const },
        }),
      ] as const,
  ),
]

describe("the checks before a merge", () => {
  it("are asked in SPEC's order, and the first that does not hold stops it", () => {
    let request = worst
    const stops = cures.map(([, cure]) => {
      const { stoppedBy, warnings } = MergeChecks.judge(request)
      expect(warnings.map(({ type }) => type)).toEqual(
        stoppedBy?.warning ? [stoppedBy.warning] : [],
      )
      request = { ...request, ...cure(request) }
      return stoppedBy?.id
    })
    expect(stops).toEqual(cures.map(([id]) => id))
    expect(stops).toEqual(MergeChecks.checks.map(({ id }) => id))
    expect(MergeChecks.judge(request)).toEqual({ stoppedBy: undefined, warnings: [] })
  })

  it("all warn, where they are guards that observe, and stop nothing", () => {
    const request = { ...worst, target: "ann", source: "dev", ofSource: side("q"), isForced: true }
    const { stoppedBy, warnings } = MergeChecks.judge({ ...request, policy: guarded("observe") })
    expect(stoppedBy).toBe(undefined)
    expect(warnings.map(({ type, details }) => [type, details["refused"]])).toEqual(
      guards.map((name) => [name, false]),
    )
  })

  it("say what would make the event pass, where they warn", () => {
    for (const { warning, remedy } of MergeChecks.checks) {
      expect(warning === undefined).toBe(remedy === undefined)
      if (warning !== undefined) expect(MergeChecks.remedies.get(warning)).toBe(remedy)
    }
  })
})
