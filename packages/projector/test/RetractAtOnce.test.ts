import { inMemory, projectorOn } from "./personsLayers.ts"
import { suite } from "./RetractAtOnce.contract.ts"

suite("memory", inMemory)
suite("PGlite", projectorOn("memory"))
