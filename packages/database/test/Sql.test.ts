import * as Database from "../src/Database.ts"
import { suite } from "./Sql.contract.ts"

suite("PGlite", Database.layer("memory"))
