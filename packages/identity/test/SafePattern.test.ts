import { expect, it } from "vitest"
import * as IllegalId from "../src/policy/IllegalId.ts"
import { page } from "../src/policy/Presets.ts"

const policy = { ...page, own_illegal_patterns: ["^bot-"] }

it("who folds by a policy with patterns, and has not read one, is told what to import", async () => {
  expect(IllegalId.isIllegal(page, "bot-1")).toBe(false)
  expect(() => IllegalId.isIllegal(policy, "bot-1")).toThrow(
    "import @onymous/identity/policy/Re2Pattern",
  )
  const Policy = await import("../src/policy/Policy.ts")
  expect(Object.keys(Policy.Policy.fields)).toContain("own_illegal_patterns")
  expect(["bot-1", "robot-1"].map((id) => IllegalId.isIllegal(policy, id))).toEqual([true, false])
})
