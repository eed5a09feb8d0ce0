import { suite } from "./EnsurePolicy.contract.ts"
import { inMemory, projectorOn } from "./personsLayers.ts"

suite("memory", inMemory)
suite("PGlite", projectorOn("memory"))
