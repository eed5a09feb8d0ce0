import { layerMemory } from "../src/memory/MemoryPersons.ts"
import { suite } from "./Persons.contract.ts"

suite("memory", layerMemory)
