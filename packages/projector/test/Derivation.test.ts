import { expect, it } from "vitest"
import { createHash } from "node:crypto"
import * as Policy from "@onymous/identity/Policy"
import { ProjectId } from "@onymous/identity/ProjectId"
import { version } from "../src/Derivation.ts"
import { dumpTables } from "../src/Dump.ts"
import { initial } from "../src/MemoryPersons.ts"
import { Tables } from "../src/Tables.ts"
import * as Turns from "../src/Turns.ts"
import { Whole } from "../src/Whole.ts"
import { randomEvents, recorded } from "./randomEvents.ts"

/** What a version makes of the same events. */
const digests = { 2: "4394fe6213673ba9f553896b45a5c09a" }

it("whoever changes a rule or a row raises the version, so that nothing is made of both", () => {
  const dumps = Object.values(Policy.presets).map((policy) => {
    const whole = new Whole({ ...initial(ProjectId("1"), "log"), policy })
    const tables = new Tables()
    for (const event of recorded(randomEvents(1, 3000))) whole.fold([event], undefined)
    tables.write(Turns.atOnce(whole.finish()).rows)
    return dumpTables(tables)
  })
  const digest = createHash("sha256").update(dumps.join("\n")).digest("hex").slice(0, 32)
  expect({ [version]: digest }).toEqual(digests)
})
