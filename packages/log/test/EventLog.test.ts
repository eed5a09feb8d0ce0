import { layerMemory } from "../src/EventLog.ts"
import { suite } from "./EventLog.contract.ts"
import { logOn } from "./layers.ts"

suite("memory", layerMemory)
suite("PGlite", logOn("memory"))
