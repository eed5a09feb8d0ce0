import { expect, it } from "vitest"
import { createHash } from "node:crypto"
import * as Presets from "@onymous/identity/policy/Presets"
import { ProjectId } from "@onymous/identity/event/ProjectId"
import { version } from "../src/DerivationVersion.ts"
import { dumpTables } from "../src/memory/TableDump.ts"
import { initial } from "../src/Checkpoint.ts"
import { Tables } from "../src/memory/MemoryTables.ts"
import * as WorkInTurns from "../src/rows/WorkInTurns.ts"
import { ProjectInMemory } from "../src/rows/ProjectInMemory.ts"
import { randomEvents, recorded } from "@onymous/simulator/random/FewIds"

/** Version → digest of the rows that it derives from the same events. */
const digests = { 9: "42e275353d2d641b0a7c82036b19d1bf" }

it("whoever changes a rule or a row raises the version, so that nothing is made of both", () => {
  const dumps = Object.values(Presets.presets).map((policy) => {
    const whole = new ProjectInMemory({ ...initial(ProjectId("1"), "log"), policy })
    const tables = new Tables()
    for (const event of recorded(randomEvents(1, 3000))) whole.fold([event], undefined)
    tables.write(WorkInTurns.atOnce(whole.finish()).rows)
    return dumpTables(tables)
  })
  const digest = createHash("sha256").update(dumps.join("\n")).digest("hex").slice(0, 32)
  expect({ [version]: digest }).toEqual(digests)
})
