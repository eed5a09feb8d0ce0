import { describe } from "@effect/vitest"
import { bodyLaw } from "./BodyLaw.contract.ts"
import { projectorInMemory, projectorOn } from "./projectorLayers.ts"

const within = 600_000

describe("in memory", () => bodyLaw(projectorInMemory, { runs: 60, within }))

describe("on PGlite", () => bodyLaw(projectorOn("memory"), { runs: 12, within }))
