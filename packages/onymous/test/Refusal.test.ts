import { layerMemory, layerSql } from "onymous/effect"
import { sqlSuite, suite } from "./Refusal.contract.ts"

suite("memory", layerMemory())
sqlSuite("PGlite", layerSql({ database: "memory" }))
