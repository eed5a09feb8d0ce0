import { spawnSync } from "node:child_process"
import { expect, it } from "vitest"

/** The output of a Node without a function that older versions lack. */
const printed = (lacking: string, open: string) => {
  const code = `delete ${lacking}; try { ${open} } catch (error) { console.log(error.code, error.message) }`
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  })
  return { stdout, stderr }
}

const refusal = /^unusable Onymous needs Node 22 or later, and this is Node \d+\.\d+\.\d+\.\n$/

it.each(["Map.groupBy", "Promise.withResolvers", "Set.prototype.isDisjointFrom"])(
  "a Node without %s is refused in words, before anything is opened",
  (lacking) => {
    const open = `await (await import("onymous")).Onymous.open({ database: "memory" })`
    expect(printed(lacking, open)).toEqual({ stdout: expect.stringMatching(refusal), stderr: "" })
  },
)

it("so is it with Effect", () => {
  const open = `
    const { Effect } = await import("effect")
    const { layerMemory, Onymous } = await import("onymous/effect")
    await Effect.runPromise(Effect.provide(Onymous, layerMemory()))`
  expect(printed("Map.groupBy", open).stdout).toMatch(refusal)
})
