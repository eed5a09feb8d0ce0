import { layerMemory } from "../src/memory/MemoryPersons.ts"
import { suite } from "./Persons.contract.ts"
import { suite as timelineSuite } from "./Timeline.contract.ts"

suite("memory", layerMemory)
timelineSuite("memory", layerMemory)
