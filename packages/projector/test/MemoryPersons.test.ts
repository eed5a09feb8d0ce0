import { layerMemory } from "../src/MemoryPersons.ts"
import { suite } from "./Persons.contract.ts"

suite("memory", layerMemory)
