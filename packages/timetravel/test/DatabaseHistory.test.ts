import { inMemory, onDatabase } from "./asOfLayers.ts"
import { suite } from "./DatabaseHistory.contract.ts"

suite("memory", inMemory)
suite("PGlite", onDatabase("memory"))
